import type { DatabaseSync } from "node:sqlite";
import type { Clock } from "../../core/ports/clock.ts";
import type { BesideWrite } from "./beside-writer.ts";

/** The parts of a store that statistics and resources use. */
export interface BesideParts {
  readonly reading: DatabaseSync;
  readonly clock: Clock;
  /** Reads the store's clock. */
  readonly time: () => number;
  /** Runs a query while the store is open; otherwise reports why the store cannot be used. */
  readonly ask: <Answer>(question: () => Answer) => Promise<Answer>;
  readonly write: (write: BesideWrite) => Promise<boolean | number | undefined>;
}
