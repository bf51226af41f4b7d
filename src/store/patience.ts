import type { Clock } from "../core/ports/clock.ts";

/** How long, and how often, an item is retried while other transactions are in its way. */
export interface Patience {
  readonly clock: Clock;
  /** The time for an item, from its call. */
  readonly patienceMs: number;
  readonly pause: (tries: number) => Promise<void>;
  /** The most items tried alone at once. Each may hold a connection while it waits for a lock. */
  readonly aloneMax: number;
}

/** The tries of an item, in milliseconds of the patience's clock. */
export interface Tried {
  readonly addedAt: number;
  /** How long the last try took. */
  readonly triedMs: number;
}

/** Whether the time of an item is over: another try as long as the last one would end too late. */
export function isOver({ clock, patienceMs }: Patience, { addedAt, triedMs }: Tried): boolean {
  return clock.monotonic() - addedAt + triedMs > patienceMs;
}
