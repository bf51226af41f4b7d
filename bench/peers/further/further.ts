import type { Finding } from "../../measure.ts";
import type { BuiltProgram } from "../../processes/build.ts";
import type { PeersSize } from "../size.ts";
import type { Opened } from "../stores/store.ts";

/** The inputs of a further measure. */
export interface FurtherStage {
  /** A new, empty database; closed after the measure. */
  database(): Promise<Opened>;
  readonly program: BuiltProgram;
  /** A temporary folder, removed after the run. */
  readonly folder: string;
  readonly size: PeersSize;
}

/** A measure of ours on PostgreSQL, without a peer. */
export interface Further {
  /** The name for `--only`. */
  readonly name: string;
  readonly title: string;
  run(stage: FurtherStage): Promise<Finding>;
}
