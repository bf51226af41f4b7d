import type { Operation } from "../../core/operation/operation.ts";
import type { Reservation } from "../../core/ports/worker-port.ts";
import type { AskedClaim } from "./claim-checks.ts";

/** A claimed operation. */
export interface Given {
  readonly operation: Operation;
  /** Monotonic: the time before the store was asked. */
  readonly calledAt: number;
}

/** The caller of a waiting claim. */
export interface ParkedFor {
  /** The connection of the claim; undefined for a caller in this process. */
  readonly connection: object | undefined;
  /** Undefined without credentials. */
  readonly principal: string | undefined;
}

/**
 * A waiting claim. It is *busy* while the store claims for it, or stores operations for it.
 * Whatever else happens, it is answered only when the result is known, so that no operation is
 * lost.
 */
export class ParkedClaim {
  readonly asked: AskedClaim;
  /** Earlier claims have lower numbers. */
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

  /** Resolves with its operations, possibly none. */
  get answer(): Promise<readonly Given[]> {
    return this.#answer.promise;
  }

  /** Whether it accepts no more operations. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** The number of operations that it still accepts. */
  get room(): number {
    return this.#isOver ? 0 : this.asked.limit - this.#reserved;
  }

  /** Whether the store may claim for it. */
  get mayAsk(): boolean {
    return !this.#isOver && !this.#isAsking && this.#reserved === 0;
  }

  /** Whether it may get an operation that is being started. */
  get mayReserve(): boolean {
    return !this.#isAsking && this.room > 0;
  }

  /** Marks it as asking the store, until {@link asked}. */
  ask(): void {
    this.#isAsking = true;
  }

  /** Takes the store's answer. */
  take(given: readonly Given[]): void {
    this.#isAsking = false;
    this.#add(given);
  }

  /** Reserves a place for an operation that is being stored as claimed by it. */
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

  /** Ends the wait. */
  end(): void {
    this.#isOver = true;
    this.#settle();
  }

  #add(given: readonly Given[]): void {
    this.#given.push(...given);
    // A claim with operations returns them and waits for no more.
    if (given.length > 0) this.#isOver = true;
    this.#settle();
  }

  #settle(): void {
    if (!this.#isOver || this.#isAsking || this.#reserved > 0 || this.#isAnswered) return;
    this.#isAnswered = true;
    this.#answer.resolve(this.#given);
  }
}
