import type { Finding } from "../../measure.ts";
import type { BuiltProgram } from "../../processes/build.ts";
import type { PeersSize } from "../size.ts";
import type { Opened } from "../stores/store.ts";

/** What a further measure has at hand. */
export interface FurtherStage {
  /** A new, empty database; closed after the measure. */
  database(): Promise<Opened>;
  readonly program: BuiltProgram;
  /** Gone after the run. */
  readonly folder: string;
  readonly size: PeersSize;
}

/** One of the things that are measured of ours on PostgreSQL, beside no peer. */
export interface Further {
  /** For `--only`. */
  readonly name: string;
  readonly title: string;
  run(stage: FurtherStage): Promise<Finding>;
}
