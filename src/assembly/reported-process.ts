import { ownProcess } from "../config/own-process.ts";
import type { ReportedProcess } from "../engine/statistics/reporting.ts";
import { version } from "./version.ts";

/** What this process does, and what it is called. */
export interface ProcessParts {
  /** The id of its worker, or one like it. */
  readonly id: string;
  /** Those that have their handlers here. */
  readonly methods: ReadonlyMap<string, unknown>;
  /** Handlers that it may run at once. */
  readonly slots: number;
  /** Whether callers of this process are answered. */
  readonly hasCallers: boolean;
  readonly running: () => number;
  readonly draining: () => boolean;
}

/** This process as operators see it. */
export function reportedProcess(parts: ProcessParts): ReportedProcess {
  const { id, methods, slots, hasCallers, running, draining } = parts;
  const role = slots === 0 ? "api" : hasCallers ? "all" : "worker";
  // Where no handlers run, none of the methods is.
  const run = slots === 0 ? [] : [...methods.keys()];
  return {
    fixed: { id, methods: run, slots, ...ownProcess(), version: knownVersion(), role },
    running,
    draining,
  };
}

/** Empty where this package was made a part of another file. */
function knownVersion(): string {
  try {
    return version();
  } catch {
    return "";
  }
}
