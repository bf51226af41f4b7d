import type { FailureCount, FailureRow } from "../../core/ports/statistics-store.ts";

/** The columns of failures, in the order of {@link failureCells}. */
export const FAILURE_COLUMNS = "key, hour, method, code, reason, text, count, first_time, last_time, sample";

/** The cells of a row. */
export function failureCells(failure: FailureCount): readonly (string | number)[] {
  const { key, hour, method, code, reason, text, count, firstTime, lastTime, sample } = failure;
  return [key, hour, method, code, reason, text, count, firstTime, lastTime, sample];
}

function readFailure(cells: readonly unknown[]): FailureCount {
  const [key, hour, method, code, reason, text, count, firstTime, lastTime, sample] = cells;
  return {
    key: String(key),
    hour: Number(hour),
    method: String(method),
    code: String(code),
    reason: String(reason),
    text: String(text),
    count: Number(count),
    firstTime: Number(firstTime),
    lastTime: Number(lastTime),
    sample: String(sample),
  };
}

/** Groups the hourly rows of each failure, most frequent first. */
export function groupedFailures(rows: readonly (readonly unknown[])[], limit: number): readonly FailureRow[] {
  const groups = new Map<string, FailureRow & { readonly hours: Map<number, number> }>();
  for (const { hour, ...failure } of rows.map(readFailure)) {
    const group = groups.get(failure.key);
    const hours = group?.hours ?? new Map<number, number>();
    hours.set(hour, (hours.get(hour) ?? 0) + failure.count);
    const newest = group === undefined || failure.lastTime >= group.lastTime ? failure : group;
    groups.set(failure.key, {
      ...newest,
      count: (group?.count ?? 0) + failure.count,
      firstTime: Math.min(group?.firstTime ?? failure.firstTime, failure.firstTime),
      hours,
    });
  }
  return [...groups.values()]
    .toSorted((a, b) => b.count - a.count || b.lastTime - a.lastTime || (a.key < b.key ? -1 : 1))
    .slice(0, limit);
}
