import type { Operation } from "../../core/operation/operation.ts";
import type { Reservation } from "../../core/ports/worker-port.ts";
import type { AskedClaim } from "./claim-checks.ts";

/** An operation that a claim brought. */
export interface Given {
  readonly operation: Operation;
  /** Monotonic: before the store was asked. */
  readonly calledAt: number;
}

/** Who waits. */
export interface ParkedFor {
  /** That the claim came over; undefined for a caller in this process. */
  readonly connection: object | undefined;
  /** Undefined where callers have no credentials. */
  readonly principal: string | undefined;
}

/**
 * A claim that waits for work. It is *busy* while the store is asked for it, or stores operations that it is to have: whatever
 * else happens then, it is answered when that is known, so that nothing is lost on the way.
 */
export class ParkedClaim {
  readonly asked: AskedClaim;
  /** Claims that came earlier have a lower one. */
  readonly order: number;
  readonly #answer = Promise.withResolvers<readonly Given[]>();
  readonly #given: Given[] = [];
  #isAsking = false;
  #reserved = 0;
  #isOver = false;
  #isAnswered = false;

  constructor(asked: AskedClaim, order: number) {
    this.asked = asked;
    this.order = order;
  }

  /** Resolves with what it came to, which may be nothing. */
  get answer(): Promise<readonly Given[]> {
    return this.#answer.promise;
  }

  /** Whether it takes no more. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** How many operations it still takes. */
  get room(): number {
    return this.#isOver ? 0 : this.asked.limit - this.#reserved;
  }

  /** Whether the store may be asked for it. */
  get mayAsk(): boolean {
    return !this.#isOver && !this.#isAsking && this.#reserved === 0;
  }

  /** Whether an operation that is being started may be its. */
  get mayReserve(): boolean {
    return !this.#isAsking && this.room > 0;
  }

  /** The store is asked for it, until {@link asked}. */
  ask(): void {
    this.#isAsking = true;
  }

  /** The store has answered. */
  take(given: readonly Given[]): void {
    this.#isAsking = false;
    this.#add(given);
  }

  /** A place for an operation that is being stored as its own. */
  reserve(): Reservation {
    this.#reserved++;
    const { worker, leaseMs } = this.asked;
    return {
      worker,
      leaseMs,
      run: (operation, calledAt) => {
        this.#reserved--;
        this.#add([{ operation, calledAt }]);
      },
      cancel: () => {
        this.#reserved--;
        this.#settle();
      },
    };
  }

  /** It waits no longer. */
  end(): void {
    this.#isOver = true;
    this.#settle();
  }

  #add(given: readonly Given[]): void {
    this.#given.push(...given);
    // Whoever has something begins with it, and waits for no more.
    if (given.length > 0) this.#isOver = true;
    this.#settle();
  }

  #settle(): void {
    if (!this.#isOver || this.#isAsking || this.#reserved > 0 || this.#isAnswered) return;
    this.#isAnswered = true;
    this.#answer.resolve(this.#given);
  }
}
