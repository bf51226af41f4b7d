import { serviceError } from "../../core/error/error.ts";
import { LIMITS } from "../../core/limits.ts";

/** Counts waiters and watchers of a process and of each connection. Each of them takes one seat. */
export class Seats {
  readonly #max: number;
  readonly #takenBy = new Map<object, number>();
  #taken = 0;

  constructor(max: number = LIMITS.waitersMax) {
    this.#max = max;
  }

  /** Seats that are taken now. */
  get taken(): number {
    return this.#taken;
  }

  /**
   * Whether one more seat is free.
   *
   * A connection may hold at most an eighth of the free seats. A single connection can have 11,111
   * of 100,000 seats, ten greedy ones 5,555 each. So other connections always find free seats.
   *
   * @param connection the connection of the caller; undefined for a caller in this process
   */
  hasRoomFor(connection: object | undefined): boolean {
    const left = this.#max - this.#taken;
    if (connection === undefined) return left > 0;
    return left > 0 && (this.#takenBy.get(connection) ?? 0) < Math.max(1, left / LIMITS.waitersShare);
  }

  /** @throws {StatusError} RESOURCE_EXHAUSTED TOO_MANY_WAITERS where there is no room */
  check(connection: object | undefined): void {
    if (!this.hasRoomFor(connection)) throw this.#tooMany(connection);
  }

  /** Takes a seat. @throws {StatusError} as {@link check} does */
  take(connection: object | undefined): void {
    this.check(connection);
    this.#taken++;
    if (connection !== undefined) this.#takenBy.set(connection, (this.#takenBy.get(connection) ?? 0) + 1);
  }

  /** Gives a seat back that was taken. */
  leave(connection: object | undefined): void {
    this.#taken--;
    if (connection === undefined) return;
    const left = (this.#takenBy.get(connection) ?? 0) - 1;
    if (left > 0) this.#takenBy.set(connection, left);
    else this.#takenBy.delete(connection);
  }

  #tooMany(connection: object | undefined): Error {
    const ofIt = connection === undefined ? 0 : (this.#takenBy.get(connection) ?? 0);
    const all = `${this.#taken} of ${this.#max} places for waiting callers are taken`;
    const own = ofIt === 0 ? "" : `, ${ofIt} of them over this connection`;
    return serviceError("TOO_MANY_WAITERS", `${all}${own}; poll with GetOperation instead.`);
  }
}
