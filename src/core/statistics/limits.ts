/** The limits of data for operators. They are a part of `LIMITS`. */
export const STATISTICS_LIMITS = {
  /** Counts for operators stop here; a larger count means that there are more. */
  countedMax: 10_000,
  /** Running operations that one read counts, over all methods: those of 1,500 processes. */
  runningCountedMax: 100_000,
  /** Methods that a process counts by name; the others count as `other`. */
  countedMethodsMax: 1_000,
  /** Kinds of failures that a process counts in an hour; the others count as one. */
  failureKindsMax: 200,
  /** The text of a kind of failure, in characters. */
  failureTextMax: 200,
  /** Rows of failures that one read takes, newest hours first. */
  failureRowsMax: 10_000,
  /** How long counts of minutes, ten minutes and hours are kept: two days, two weeks, a quarter. */
  minutesKeptMs: 172_800_000,
  tenMinutesKeptMs: 1_209_600_000,
  hoursKeptMs: 7_776_000_000,
  /** How long kinds of failures are kept: as long as counts of ten minutes. */
  failuresKeptMs: 1_209_600_000,
  /** How long after the end of a period the rows of its processes are merged into one. */
  countsSettledMs: 300_000,
  /**
   * How long after its end a period still accepts counts. Shorter than the limit above, by more
   * than a write takes.
   */
  countsOpenMs: 240_000,
  /** A process without a report for this long is gone. */
  processGoneMs: 60_000,
  /** How long operators see a vanished process. Stopped processes announce their end. */
  processKeptMs: 3_600_000,
  /** Rows of counts that one round of the sweep merges or removes. */
  countsBatch: 500,
  /** Workers over the network that a process knows for operators: as many as one list shows. */
  networkWorkersMax: 200,
  /** How many of them one report of a process writes, in one statement. */
  networkWorkersReportedMax: 50,
  /** A worker over the network that holds nothing and has not called for this long is gone. */
  networkWorkerGoneMs: 30_000,
  /**
   * The interval between reports of a process. A killed process loses the counts since its last
   * report.
   */
  reportMs: 10_000,
  /** The interval between reports of an idle process, so that it stays visible. */
  reportIdleMs: 20_000,
  /**
   * The shortest interval between counts of unfinished operations, in each process; only on
   * request.
   */
  countsIntervalMs: 2_000,
  /** The sweep's interval between looks for counts to merge or to remove. */
  mergeIntervalMs: 60_000,
  /** Paused methods: more than a service has. */
  pausedMethodsMax: 1_000,
  /**
   * Methods that metrics distinguish; the others count as one. Monitoring systems charge for each.
   */
  metricMethodsMax: 1_000,
  /**
   * The shortest interval between counts of operations for metrics: Prometheus usually reads as
   * often.
   */
  metricsCountMs: 15_000,
  /**
   * How long the process waits at its end for the last traces and metrics to be sent. Kubernetes
   * kills 30 s after SIGTERM.
   */
  telemetryFlushMs: 5_000,
  /** Errors of sending telemetry are logged once in this time, with their number. */
  telemetryLogIntervalMs: 60_000,
} as const;
