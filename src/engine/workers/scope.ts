import type { ClaimAnswer } from "../../core/ports/store.ts";
import type { ParkedClaim } from "./parked-claim.ts";

/** A running claim to the store. */
export interface Asking {
  readonly methods: readonly string[];
  readonly limit: number;
  /** The number of hints in the scope before it. */
  readonly hints: number;
}

/** The pause before another claim if the store has due work but a claim did not get it. */
const EMPTY_CLAIM_PAUSE_MS = 100;

/**
 * One parent, or everywhere: the waiting claims by method, and an estimate of the work for each
 * method.
 *
 * The estimate: unknown before the first claim; none after a claim that found no more; one more
 * after each hint. The store is the authority: an estimate that is too high costs an empty claim.
 */
export class Scope {
  /** Empty for everywhere. */
  readonly parent: string;
  /** The known time at which work becomes available next, on the store's clock. */
  dueTime = Number.POSITIVE_INFINITY;
  readonly #work = new Map<string, number>();
  /** By method: the number of hints at its last hint. */
  readonly #hinted = new Map<string, number>();
  readonly #asking = new Map<string, number>();
  readonly #parked = new Map<string, Set<ParkedClaim>>();
  #hints = 0;
  #size = 0;

  constructor(parent: string) {
    this.parent = parent;
  }

  /** The number of waiting claims. */
  get size(): number {
    return this.#size;
  }

  /** Adds a waiting claim after all others. */
  add(claim: ParkedClaim): void {
    this.#size++;
    for (const method of claim.asked.methods) {
      const others = this.#parked.get(method);
      if (others === undefined) this.#parked.set(method, new Set([claim]));
      else others.add(claim);
    }
  }

  /** Removes a claim that no longer waits. */
  delete(claim: ParkedClaim): void {
    this.#size--;
    for (const method of claim.asked.methods) {
      const others = this.#parked.get(method);
      if (others?.delete(claim) === true && others.size === 0) this.#parked.delete(method);
    }
  }

  /** Whether no claim waits and no claim to the store is running. */
  get isIdle(): boolean {
    return this.#size === 0 && [...this.#asking.values()].every((count) => count === 0);
  }

  /** Ends all waits. */
  endAll(): void {
    for (const claims of this.#parked.values()) for (const claim of claims) claim.end();
  }

  /**
   * Handles a notice of a pending operation.
   *
   * @returns whether a waiting claim may get it now
   */
  notice(method: string, availableTime: number, now: number): boolean {
    // Methods without a first claim are unknown, and are asked for anyway.
    if (!this.#work.has(method)) return false;
    if (availableTime > now) this.dueTime = Math.min(this.dueTime, availableTime);
    else this.#hint(method);
    return availableTime <= now && this.#parked.has(method);
  }

  #hint(method: string): void {
    this.#hinted.set(method, ++this.#hints);
    this.#work.set(method, (this.#work.get(method) ?? 0) + 1);
  }

  /** Assumes work for every known method. */
  hintAll(): void {
    for (const method of this.#work.keys()) if (this.#work.get(method) === 0) this.#hint(method);
  }

  /** The first waiting claim that may have work. */
  first(paused: ReadonlySet<string>): ParkedClaim | undefined {
    let first: ParkedClaim | undefined;
    for (const [method, claims] of this.#parked) {
      if (paused.has(method) || this.#work.get(method) === 0) continue;
      for (const claim of claims) {
        if (first !== undefined && first.order <= claim.order) break;
        if (!claim.mayAsk) continue;
        first = claim;
        break;
      }
    }
    return first;
  }

  /**
   * The first claim that may get a new operation of the method; undefined if this might overtake
   * pending operations, because there may be more work than other claims to take it.
   */
  claimant(method: string, now: number): ParkedClaim | undefined {
    if (this.dueTime <= now) return undefined;
    let first: ParkedClaim | undefined;
    let othersNeeded = 0;
    for (const claim of this.#parked.get(method) ?? []) {
      if (!claim.mayReserve) continue;
      if (first === undefined) {
        first = claim;
        for (const each of claim.asked.methods)
          othersNeeded += this.#work.get(each) ?? Number.POSITIVE_INFINITY;
      } else othersNeeded -= claim.room;
      if (othersNeeded <= 0) return first;
    }
    return undefined;
  }

  /** Whether there may be work of a method for which no claim to the store is running. */
  mayHave(method: string): boolean {
    return this.#work.get(method) !== 0;
  }

  /** Begins a claim to the store. End it with {@link answered} or {@link failed}. */
  ask(methods: readonly string[], limit: number): Asking {
    for (const method of methods) {
      this.#work.set(method, Math.max(0, (this.#work.get(method) ?? 0) - limit));
      this.#asking.set(method, (this.#asking.get(method) ?? 0) + 1);
    }
    return { methods, limit, hints: this.#hints };
  }

  /** @param now the store's clock after the answer */
  answered(asking: Asking, { operations, nextTime }: ClaimAnswer, now: number): void {
    this.#end(asking);
    const isFull = operations.length >= asking.limit;
    const isMore = isFull && nextTime !== null && nextTime <= now;
    for (const method of asking.methods) {
      if (isMore) this.#work.set(method, Math.max(this.#work.get(method) ?? 0, 2 * asking.limit));
      else if ((this.#hinted.get(method) ?? 0) <= asking.hints) this.#work.set(method, 0);
    }
    if (nextTime === null || isMore) return;
    if (nextTime > now) this.dueTime = Math.min(this.dueTime, nextTime);
    // The work is due, but the claim did not get it: others are taking it. An immediate repetition
    // would spin.
    else if (this.parent === "") this.dueTime = Math.min(this.dueTime, now + EMPTY_CLAIM_PAUSE_MS);
  }

  failed(asking: Asking): void {
    this.#end(asking);
    for (const method of asking.methods) this.#hint(method);
  }

  #end({ methods }: Asking): void {
    for (const method of methods) this.#asking.set(method, (this.#asking.get(method) ?? 1) - 1);
  }
}
