/** The limits of what is kept for operators. They are a part of `LIMITS`. */
export const STATISTICS_LIMITS = {
  /** What operators see of how many there are is counted so far; a count above it says that there are more. */
  countedMax: 10_000,
  /** Running operations that one look counts, of all methods together: those of 1,500 processes. */
  runningCountedMax: 100_000,
  /** Methods that a process counts by name; what happens to others is counted as `other`. */
  countedMethodsMax: 1_000,
  /** Kinds of failures that a process counts in an hour; others are counted as one. */
  failureKindsMax: 200,
  /** The text of a kind of failure, in characters. */
  failureTextMax: 200,
  /** Rows of failures that one look reads, those of the newest hours first. */
  failureRowsMax: 10_000,
  /** How long counts of minutes, of ten minutes and of hours are kept: two days, two weeks, a quarter. */
  minutesKeptMs: 172_800_000,
  tenMinutesKeptMs: 1_209_600_000,
  hoursKeptMs: 7_776_000_000,
  /** How long kinds of failures are kept: as long as counts of ten minutes. */
  failuresKeptMs: 1_209_600_000,
  /** What several processes counted in a period becomes one row so long after its end. */
  countsSettledMs: 300_000,
  /** Nothing is added to a period so long after its end. Before the above, by more than a write takes. */
  countsOpenMs: 240_000,
  /** A process that has not reported for so long is gone. */
  processGoneMs: 60_000,
  /** How long operators see that a process vanished. One that was stopped says so itself. */
  processKeptMs: 3_600_000,
  /** Rows of counts that one round of the sweep merges or removes. */
  countsBatch: 500,
  /** How often a process reports what it counted. What it counted since is lost if it is killed. */
  reportMs: 10_000,
  /** How often a process reports in which nothing happens and nothing runs, so that it is seen. */
  reportIdleMs: 20_000,
  /** What is unfinished is counted so often at the most, in each process, and only while somebody asks. */
  countsIntervalMs: 2_000,
  /** How often the sweep looks whether there are counts to merge or to remove. */
  mergeIntervalMs: 60_000,
  /** Methods that can be paused: more than a service has. */
  pausedMethodsMax: 1_000,
  /** Methods that metrics tell apart; all others count as one. A fleet's monitoring pays for each. */
  metricMethodsMax: 1_000,
  /** Metrics count the operations on the store no more often than this: as often as Prometheus usually looks. */
  metricsCountMs: 15_000,
  /** How long the end of the process waits for the last traces and metrics to be sent. Kubernetes kills 30 s after SIGTERM. */
  telemetryFlushMs: 5_000,
  /** What keeps telemetry from being sent is logged once in this time, with how often it happened. */
  telemetryLogIntervalMs: 60_000,
} as const;
