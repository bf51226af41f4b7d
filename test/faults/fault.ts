import type { Random } from "../../src/core/ports/random.ts";
import type { Cluster } from "./cluster.ts";
import type { Load } from "./load.ts";

/** The results of a fault, by name. */
export type Figures = Readonly<Record<string, number | string>>;

/** The store of a run's operations. */
export type StoreName = "sqlite" | "postgres" | "citus";

/** A fault, and the run that shows its consequences. */
export interface Fault {
  readonly name: string;
  readonly stores: readonly StoreName[];
  /** What this fault needs and this machine lacks. */
  readonly skip?: string | undefined;
  /** Rejects if a promise was broken, with the details. */
  run(bench: Bench): Promise<Figures>;
}

/** The inputs of a fault. */
export interface Bench {
  readonly isLong: boolean;
  readonly random: Random;
  /** A folder of its own. */
  readonly folder: string;
  /** Prints progress. */
  readonly told: (line: string) => void;
  /**
   * The standard course: a load on a cluster, its rate before, the fault, its rate after, and then
   * a check of all promises.
   */
  course(setting: CourseSetting, during: During): Promise<Figures>;
}

/** The cluster that a course needs. */
export interface CourseSetting {
  /** Whether each process has a proxy before PostgreSQL. @default false */
  readonly proxied?: boolean;
  /** Whether each process has a proxy before PostgreSQL that can lose a statement. @default false */
  readonly loses?: boolean;
  /** Whether workers have no store, and each has a proxy before the server that it works for. @default false */
  readonly wire?: boolean;
  /** Whether servers die, so that callers' connections may break. */
  readonly serversDie?: boolean;
}

/** Causes the fault and ends it. May return figures of its own. */
export type During = (stage: Stage) => Promise<Figures | void>;

/** The environment of the fault. */
export interface Stage {
  readonly cluster: Cluster;
  readonly load: Load;
  /** Ordinary operations done per second before the fault. */
  readonly before: number;
}
