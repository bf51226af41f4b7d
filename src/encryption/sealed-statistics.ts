import type { FailureCount, ProcessReport, StatisticsStore } from "../core/ports/statistics-store.ts";

/**
 * Statistics of a store whose payloads are sealed. The common text of failures comes from messages
 * and exceptions, of any tenant, so it is not stored; failures with the same method, code and
 * reason count as one kind.
 */
export function withoutTexts(statistics: StatisticsStore): StatisticsStore {
  return {
    add: (report) => statistics.add(withoutFailureTexts(report)),
    see: (processes) => statistics.see(processes),
    series: (query) => statistics.series(query),
    failures: (query) => statistics.failures(query),
    processes: (since, limit) => statistics.processes(since, limit),
    counts: () => statistics.counts(),
    unfinished: (parent, most) => statistics.unfinished(parent, most),
    keys: (method, limit) => statistics.keys(method, limit),
    merge: (now) => statistics.merge(now),
  };
}

function withoutFailureTexts(report: ProcessReport): ProcessReport {
  const kinds = new Map<string, FailureCount>();
  for (const failure of report.failures) {
    const { method, code, reason, hour } = failure;
    const key = JSON.stringify([method, code, reason]);
    const known = kinds.get(`${hour} ${key}`);
    kinds.set(`${hour} ${key}`, {
      ...failure,
      key,
      text: "",
      count: failure.count + (known?.count ?? 0),
      firstTime: Math.min(failure.firstTime, known?.firstTime ?? failure.firstTime),
      lastTime: Math.max(failure.lastTime, known?.lastTime ?? failure.lastTime),
    });
  }
  return { ...report, failures: [...kinds.values()] };
}
