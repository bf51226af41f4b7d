import { serviceError } from "../../core/error/error.ts";
import { LIMITS } from "../../core/limits.ts";

/**
 * Counts the waiting callers in a process, and those of each connection and principal. Each takes
 * one seat.
 */
export class Seats {
  readonly #max: number;
  /** By connection, and by principal. */
  readonly #takenBy = new Map<object | string, number>();
  #taken = 0;

  constructor(max: number = LIMITS.waitersMax) {
    this.#max = max;
  }

  /** The number of taken seats. */
  get taken(): number {
    return this.#taken;
  }

  /**
   * Whether one more seat is free.
   *
   * A connection may hold at most an eighth of the free seats. A single connection can have 11,111
   * of 100,000 seats, ten greedy ones 5,555 each. So other connections always find free seats.
   * A principal may hold as many seats as are free: half of all, over however many connections.
   *
   * @param connection the connection of the caller; undefined for a caller in this process
   * @param principal undefined if principals have no share
   */
  hasRoomFor(connection: object | undefined, principal?: string): boolean {
    const left = this.#max - this.#taken;
    if (left <= 0 || (principal !== undefined && this.#takenOf(principal) >= left)) return false;
    return connection === undefined || this.#takenOf(connection) < Math.max(1, left / LIMITS.waitersShare);
  }

  /** @throws {StatusError} RESOURCE_EXHAUSTED TOO_MANY_WAITERS if there is no room */
  check(connection: object | undefined, principal?: string): void {
    if (!this.hasRoomFor(connection, principal)) throw this.#tooMany(connection);
  }

  /** Takes a seat. @throws {StatusError} as {@link check} */
  take(connection: object | undefined, principal?: string): void {
    this.check(connection, principal);
    this.#taken++;
    for (const owner of [connection, principal])
      if (owner !== undefined) this.#takenBy.set(owner, this.#takenOf(owner) + 1);
  }

  /** Returns a taken seat. */
  leave(connection: object | undefined, principal?: string): void {
    this.#taken--;
    for (const owner of [connection, principal]) {
      if (owner === undefined) continue;
      const left = this.#takenOf(owner) - 1;
      if (left > 0) this.#takenBy.set(owner, left);
      else this.#takenBy.delete(owner);
    }
  }

  #takenOf(owner: object | string): number {
    return this.#takenBy.get(owner) ?? 0;
  }

  #tooMany(connection: object | undefined): Error {
    const ofIt = connection === undefined ? 0 : this.#takenOf(connection);
    const all = `${this.#taken} of ${this.#max} places for waiting callers are taken`;
    const own = ofIt === 0 ? "" : `, ${ofIt} of them over this connection`;
    return serviceError("TOO_MANY_WAITERS", `${all}${own}; poll with GetOperation instead.`);
  }
}
