import type { ClaimAnswer } from "../../core/ports/store.ts";
import type { ParkedClaim } from "./parked-claim.ts";

/** A claim to the store that is under way. */
export interface Asking {
  readonly methods: readonly string[];
  readonly limit: number;
  /** Hints of the scope so far. */
  readonly hints: number;
}

/** How long after a claim that brought nothing of it something that is said to be due is asked for again. */
const EMPTY_CLAIM_PAUSE_MS = 100;

/**
 * Within one parent, or everywhere: which claims wait for work of which methods, and how much work there may be.
 *
 * How much: of a method that was not asked for it is not known; after a claim that found no more it is none; each hint is one more. The
 * store is the authority: a guess that is too high costs an empty claim.
 */
export class Scope {
  /** Empty: everywhere. */
  readonly parent: string;
  /** On the store's clock: when something is available next, as far as is known. */
  dueTime = Number.POSITIVE_INFINITY;
  readonly #work = new Map<string, number>();
  /** By method: when it was hinted at last, in hints. */
  readonly #hinted = new Map<string, number>();
  readonly #asking = new Map<string, number>();
  readonly #parked = new Map<string, Set<ParkedClaim>>();
  #hints = 0;
  #size = 0;

  constructor(parent: string) {
    this.parent = parent;
  }

  /** Claims that wait. */
  get size(): number {
    return this.#size;
  }

  /** A claim waits from now on, behind all others. */
  add(claim: ParkedClaim): void {
    this.#size++;
    for (const method of claim.asked.methods) {
      const others = this.#parked.get(method);
      if (others === undefined) this.#parked.set(method, new Set([claim]));
      else others.add(claim);
    }
  }

  /** It waits no longer. */
  delete(claim: ParkedClaim): void {
    this.#size--;
    for (const method of claim.asked.methods) {
      const others = this.#parked.get(method);
      if (others?.delete(claim) === true && others.size === 0) this.#parked.delete(method);
    }
  }

  /** Whether nobody waits and the store is not asked. */
  get isIdle(): boolean {
    return this.#size === 0 && [...this.#asking.values()].every((count) => count === 0);
  }

  /** Nobody waits any longer. */
  endAll(): void {
    for (const claims of this.#parked.values()) for (const claim of claims) claim.end();
  }

  /**
   * An operation of the method is pending.
   *
   * @returns whether somebody who waits may have it now
   */
  notice(method: string, availableTime: number, now: number): boolean {
    // What was never asked for is not known, and is asked for anyway.
    if (!this.#work.has(method)) return false;
    if (availableTime > now) this.dueTime = Math.min(this.dueTime, availableTime);
    else this.#hint(method);
    return availableTime <= now && this.#parked.has(method);
  }

  #hint(method: string): void {
    this.#hinted.set(method, ++this.#hints);
    this.#work.set(method, (this.#work.get(method) ?? 0) + 1);
  }

  /** There may be work of each method that was ever asked for. */
  hintAll(): void {
    for (const method of this.#work.keys()) if (this.#work.get(method) === 0) this.#hint(method);
  }

  /** The first claim that waits for work that there may be. */
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
   * The first claim that an operation of the method may be handed to; undefined where it might overtake what waits: while there may
   * be more work than there are others to take it.
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

  /** Whether there may be work of a method that nobody asks for. */
  mayHave(method: string): boolean {
    return this.#work.get(method) !== 0;
  }

  /** The store is asked. To be ended by {@link answered} or {@link failed}. */
  ask(methods: readonly string[], limit: number): Asking {
    for (const method of methods) {
      this.#work.set(method, Math.max(0, (this.#work.get(method) ?? 0) - limit));
      this.#asking.set(method, (this.#asking.get(method) ?? 0) + 1);
    }
    return { methods, limit, hints: this.#hints };
  }

  /** @param now on the store's clock, after the answer */
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
    // Due, and yet it was not given: others are taking it. Asking again at once would spin.
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
