import type { Context } from "../../src/core/method/method.ts";
import type { AttemptFacts } from "../../src/core/ports/worker-port.ts";
import type { Life } from "./life.ts";

interface Running {
  readonly life: Life;
  readonly operation: string;
  readonly attempt: number;
  /** Its signal is aborted, so the attempt is no longer trusted. */
  isAborted: boolean;
}

/** The handlers that run, and whether two attempts of one operation are trusted at once. */
export class Attempts {
  readonly #running = new Set<Running>();
  readonly #fail: (problem: string) => void;
  /** If the database's clock was set, leases may end while they are trusted. */
  wasClockSet = false;
  /** Handlers that were called. */
  count = 0;

  constructor(fail: (problem: string) => void) {
    this.#fail = fail;
  }

  /** Records that a handler runs until a promise is settled. */
  async during<Result>(
    life: Life,
    { name: operation, attempt }: Pick<Context, "name" | "attempt">,
    result: Promise<Result>,
  ): Promise<Result> {
    const running = { life, operation, attempt, isAborted: false };
    this.#begin(running);
    try {
      return await result;
    } finally {
      this.#running.delete(running);
    }
  }

  aborted(life: Life, { operation, attempt }: AttemptFacts): void {
    for (const each of this.#running)
      if (each.life === life && each.operation === operation && each.attempt === attempt)
        each.isAborted = true;
  }

  #begin(running: Running): void {
    const { life, operation, attempt } = running;
    if (life.isDead) return;
    this.count++;
    for (const other of this.#running) {
      if (other.operation !== operation) continue;
      if (other.attempt === attempt) this.#fail(`attempt ${attempt} of ${operation} runs twice`);
      else if (!this.wasClockSet && !other.isAborted && !other.life.isDead && other.life.isAwake)
        this.#fail(`attempts ${other.attempt} and ${attempt} of ${operation} are trusted at once`);
    }
    this.#running.add(running);
  }
}
