import { LIMITS } from "../../core/limits.ts";
import type { FailureRow } from "../../core/ports/statistics-store.ts";
import type { Store } from "../../core/ports/store.ts";
import { periodStart } from "../../core/statistics/periods.ts";
import { isStorable } from "../../core/value/text.ts";
import type { Range } from "./range.ts";

/** Similar failures. */
export interface FailureGroup {
  readonly key: string;
  readonly method: string;
  readonly code: string;
  readonly reason: string;
  readonly text: string;
  readonly count: number;
  readonly firstTime: number;
  readonly lastTime: number;
  /** Failures per hour, oldest first. */
  readonly spark: readonly number[];
  readonly sample: string;
}

const HOUR_MS = 3_600_000;

/** Groups of similar failures, most frequent first. */
export interface Failures {
  readonly failures: readonly FailureGroup[];
  /** The start of the hour in which the range begins, because the store counts whole hours. */
  readonly since: number;
}

/**
 * The most frequent failures of a range.
 *
 * @param which.method undefined for all
 */
export async function readFailures(
  store: Store,
  range: Range,
  which: { readonly method?: string | undefined; readonly limit: number },
): Promise<Failures> {
  const since = periodStart(range.since, 3600);
  const { method } = which;
  const limit = Math.min(which.limit, LIMITS.adminFailuresMax);
  // A name that no store can keep has no failures.
  if (method !== undefined && !isStorable(method)) return { failures: [], since };
  const rows = await store.statistics.failures({ since, limit, ...(method === undefined ? {} : { method }) });
  return { failures: rows.map((row) => groupOf(row, since, range.until)), since };
}

function groupOf({ hours, ...group }: FailureRow, since: number, until: number): FailureGroup {
  const spark = Array.from(
    { length: Math.ceil((until - since) / HOUR_MS) },
    (_, hour) => hours.get(since + hour * HOUR_MS) ?? 0,
  );
  return { ...group, spark };
}
