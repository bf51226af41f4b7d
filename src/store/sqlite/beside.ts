import type { DatabaseSync } from "node:sqlite";
import type { Clock } from "../../core/ports/clock.ts";
import type { BesideWrite } from "./beside-writer.ts";

/** What a store has for what is kept beside operations. */
export interface BesideParts {
  readonly reading: DatabaseSync;
  readonly clock: Clock;
  /** The store's clock. */
  readonly time: () => number;
  /** Answers a question while the store is open, and says what is wrong with it otherwise. */
  readonly ask: <Answer>(question: () => Answer) => Promise<Answer>;
  readonly write: (write: BesideWrite) => Promise<boolean | number | undefined>;
}
