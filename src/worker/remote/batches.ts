import { StatusError } from "../../core/error/error.ts";
import type { ErrorCode } from "../../core/error/code.ts";
import type { Clock } from "../../core/ports/clock.ts";
import { LIMITS } from "../../core/limits.ts";

/** The parts of batches. */
export interface BatchesParts<Item, Answer> {
  readonly clock: Clock;
  /**
   * Makes one call. Returns answers in the order of the items; an item without an answer fails
   * alone.
   */
  readonly send: (items: readonly Item[]) => Promise<readonly (Answer | undefined)[]>;
  /** The number of characters in an item's payloads. */
  readonly textOf: (item: Item) => number;
  /** The most characters of payloads in one call, unless a single item has more. */
  readonly textMax: number;
}

interface Waiting<Item, Answer> {
  readonly item: Item;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Combines items into calls: items added in the same moment, and items added while the allowed
 * number of calls is in progress.
 *
 * If a call as a whole is rejected for its content, its halves are sent again, so that one invalid
 * item does not affect the others.
 */
export class Batches<Item, Answer> {
  readonly #parts: BatchesParts<Item, Answer>;
  readonly #waiting: Waiting<Item, Answer>[] = [];
  #underWay = 0;
  #soon = false;

  constructor(parts: BatchesParts<Item, Answer>) {
    this.#parts = parts;
  }

  /** @throws the error of the item's call */
  add(item: Item): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      if (this.#soon) return;
      this.#soon = true;
      this.#parts.clock.soon(() => {
        this.#soon = false;
        this.#flush();
      });
    });
  }

  #flush(): void {
    while (this.#waiting.length > 0 && this.#underWay < LIMITS.outcomeCallsMax) {
      void this.#send(this.#waiting.splice(0, this.#countOfNext()));
    }
  }

  #countOfNext(): number {
    const { textOf, textMax } = this.#parts;
    let text = 0;
    let count = 0;
    for (const { item } of this.#waiting) {
      text += textOf(item);
      if (count > 0 && (text > textMax || count === LIMITS.remoteEntriesMax)) break;
      count++;
    }
    return count;
  }

  async #send(batch: readonly Waiting<Item, Answer>[]): Promise<void> {
    this.#underWay++;
    try {
      const answers = await this.#parts.send(batch.map(({ item }) => item));
      for (const [index, { resolve, reject }] of batch.entries()) {
        const answer = answers[index];
        if (answer === undefined) reject(noAnswer());
        else resolve(answer);
      }
    } catch (error) {
      if (batch.length === 1 || !isAboutContent(error)) for (const { reject } of batch) reject(error);
      else await this.#sendHalves(batch);
    }
    this.#underWay--;
    this.#flush();
  }

  async #sendHalves(batch: readonly Waiting<Item, Answer>[]): Promise<void> {
    const middle = batch.length >> 1;
    await this.#send(batch.slice(0, middle));
    await this.#send(batch.slice(middle));
  }
}

/**
 * Makes one call for each group. Returns answers in the order of the items; undefined for items
 * without an answer.
 */
export async function grouped<Item, Answer>(
  items: readonly Item[],
  msOf: (item: Item) => number,
  call: (ms: number, some: readonly Item[]) => Promise<readonly Answer[]>,
): Promise<readonly (Answer | undefined)[]> {
  const answers = new Map<Item, Answer | undefined>();
  for (const [ms, some] of Map.groupBy(items, msOf)) {
    const answered = await call(ms, some);
    for (const [index, each] of some.entries()) answers.set(each, answered[index]);
  }
  return items.map((each) => answers.get(each));
}

const ABOUT_CONTENT: ReadonlySet<ErrorCode> = new Set([
  "INVALID_ARGUMENT",
  "OUT_OF_RANGE",
  "NOT_FOUND",
  "FAILED_PRECONDITION",
]);

function isAboutContent(error: unknown): boolean {
  return error instanceof StatusError && ABOUT_CONTENT.has(error.code);
}

function noAnswer(): StatusError {
  return new StatusError("UNKNOWN", "The server answered fewer entries than it was asked.", {
    reason: "ANSWER_INVALID",
  });
}
