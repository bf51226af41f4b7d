import type { Random } from "../../src/core/ports/random.ts";
import type { Cluster } from "./cluster.ts";
import type { Load } from "./load.ts";

/** What a fault has to show, by name. */
export type Figures = Readonly<Record<string, number | string>>;

/** Where the operations of a run live. */
export type StoreName = "sqlite" | "postgres" | "citus";

/** Something that goes wrong, and the run that shows what comes of it. */
export interface Fault {
  readonly name: string;
  readonly stores: readonly StoreName[];
  /** What is missing here for this fault. */
  readonly skip?: string | undefined;
  /** Rejects when a promise was broken, saying which. */
  run(bench: Bench): Promise<Figures>;
}

/** What a fault is given to work with. */
export interface Bench {
  readonly isLong: boolean;
  readonly random: Random;
  /** A folder of its own. */
  readonly folder: string;
  /** Tells how it goes. */
  readonly told: (line: string) => void;
  /**
   * The standard course: a load over a cluster, its rate before, the fault, its rate after, and then all that was promised
   * is looked at.
   */
  course(setting: CourseSetting, during: During): Promise<Figures>;
}

/** Which cluster a course wants. */
export interface CourseSetting {
  /** Whether each process has a proxy before PostgreSQL. @default false */
  readonly proxied?: boolean;
  /** Whether each process has a proxy before PostgreSQL that can lose a statement. @default false */
  readonly loses?: boolean;
  /** Whether workers have no store, and each has a proxy before the server that it works for. @default false */
  readonly wire?: boolean;
  /** Whether servers die, so that their callers' connections may break. @default false */
  readonly serversDie?: boolean;
}

/** Makes things go wrong, and right again. May answer with figures of its own. */
export type During = (stage: Stage) => Promise<Figures | void>;

/** Where things go wrong. */
export interface Stage {
  readonly cluster: Cluster;
  readonly load: Load;
  /** Ordinary operations done per second before things went wrong. */
  readonly before: number;
}
