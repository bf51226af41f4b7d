import type { TurnSize } from "./turn.ts";

/** The size of a run. */
export interface PeersSize extends TurnSize {
  /** Turns of each peer; the median is reported. */
  readonly rounds: number;
  /** How long a transaction is held open. */
  readonly heldSeconds: number;
  /** Finished operations that are stored before the claim is measured. */
  readonly finished: number;
  /** Pending operations besides them. */
  readonly pending: number;
  /** Callers that wait at the same time on one server. */
  readonly waiters: number;
}

export const FULL: PeersSize = {
  rounds: 3,
  warmUpSeconds: 3,
  manySeconds: 10,
  aloneSeconds: 5,
  heldSeconds: 600,
  finished: 1_000_000,
  pending: 100_000,
  waiters: 20_000,
};

export const SHORT: PeersSize = {
  rounds: 1,
  warmUpSeconds: 1,
  manySeconds: 5,
  aloneSeconds: 2,
  heldSeconds: 20,
  finished: 50_000,
  pending: 5_000,
  waiters: 2_000,
};
