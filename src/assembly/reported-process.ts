import { ownProcess } from "../config/own-process.ts";
import type { ReportedProcess } from "../engine/statistics/reporting.ts";
import { version } from "./version.ts";

/** The parts of a process's report. */
export interface ProcessParts {
  /** The id of its worker, or one of the same form. */
  readonly id: string;
  /** The methods with handlers in this process. */
  readonly methods: ReadonlyMap<string, unknown>;
  /** The most concurrent handlers. */
  readonly slots: number;
  /** Whether this process answers callers. */
  readonly hasCallers: boolean;
  readonly running: () => number;
  readonly draining: () => boolean;
}

/** This process for operators. */
export function reportedProcess(parts: ProcessParts): ReportedProcess {
  const { id, methods, slots, hasCallers, running, draining } = parts;
  const role = slots === 0 ? "api" : hasCallers ? "all" : "worker";
  // A process without handlers runs none of the methods.
  const run = slots === 0 ? [] : [...methods.keys()];
  return {
    fixed: { id, methods: run, slots, ...ownProcess(), version: version(), role },
    running,
    draining,
  };
}
