/**
 * The table of all metrics. The exposition for Prometheus and the instruments of OpenTelemetry are
 * built from it, and a test compares `docs/metrics.md` with it. A new metric needs a row here and
 * code that records it.
 *
 * The values of labels are limited: methods beyond `LIMITS.metricMethodsMax` count as `other`, and
 * all other values come from fixed sets. No metric has an operation's name, a parent or a request
 * id as label.
 */

/** The description of a metric. */
export interface Metric {
  /** `gauge`: the current amount. */
  readonly kind: "counter" | "histogram" | "gauge";
  /** In OpenTelemetry's notation (UCUM). */
  readonly unit: string;
  /** One sentence. */
  readonly help: string;
  /** The names of its labels. A label with an empty value is left out. */
  readonly labels: readonly Label[];
  /** The upper bounds of a histogram's buckets. */
  readonly buckets?: readonly number[];
}

/** The names of labels, with their possible values. */
export const LABELS = {
  method: "The method of the operation; `other` beyond the first 1,000.",
  state: "`SUCCEEDED`, `FAILED` or `CANCELLED`.",
  code: "The status code of the error, such as `UNAVAILABLE`; left out without an error.",
  outcome:
    "How the attempt ended: `completed`, `failed`, `released`, `handed-over` (it continues, and its HTTP target ends it), `dropped` (its end was not written, because the operation was deleted, passed its deadline, or belongs to another attempt), `lost` (its worker vanished) or `unconfirmed` (a worker without the store claimed it and may never have received the answer; it does not count as failed).",
  verb: "The kind of the commands, such as `insert` or `claim`; on SQLite `write`, `purge` and `read`.",
  "http.request.method": "The HTTP method; `_OTHER` for one that HTTP does not define.",
  "http.route":
    "The template of the address, such as `/v1/{name=**/operations/*}`; left out if no route matches.",
  "http.response.status_code": "The HTTP status.",
  "url.scheme": "`http` or `https`.",
  "rpc.system.name": "`grpc`.",
  "rpc.method": "The RPC, such as `google.longrunning.Operations/GetOperation`.",
  "rpc.status_code": "The gRPC status code, such as `NOT_FOUND`; `OK` without an error.",
  "error.type": "The status, if the server caused the error; otherwise left out.",
} as const;

/** The name of a label. */
export type Label = keyof typeof LABELS;

/** Operations take milliseconds to days. */
const DURATIONS = [0.01, 0.05, 0.25, 1, 5, 15, 60, 300, 1_800, 3_600, 21_600, 86_400];
/** The bounds recommended by the semantic conventions for calls. */
const CALLS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
/** The bounds recommended by the semantic conventions for databases. */
const STATEMENTS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10];
const SIZES = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000];

/** The metrics by their OpenTelemetry names. */
export const METRICS = {
  "longrunning.operations.started": {
    kind: "counter",
    unit: "{operation}",
    help: "Operations that were stored.",
    labels: ["method"],
  },
  "longrunning.operations.finished": {
    kind: "counter",
    unit: "{operation}",
    help: "Operations that ended, counted by the process that wrote the end.",
    labels: ["method", "state", "code"],
  },
  "longrunning.operation.duration": {
    kind: "histogram",
    unit: "s",
    help: "Seconds from the creation of an operation to its end.",
    labels: ["method", "state"],
    buckets: DURATIONS,
  },
  "longrunning.attempts": {
    kind: "counter",
    unit: "{attempt}",
    help: "Attempts that ended.",
    labels: ["method", "outcome"],
  },
  "longrunning.attempt.wait": {
    kind: "histogram",
    unit: "s",
    help: "Seconds from the time at which an operation could be claimed to its claim.",
    labels: ["method"],
    buckets: DURATIONS,
  },
  "longrunning.attempt.duration": {
    kind: "histogram",
    unit: "s",
    help: "Seconds that an attempt took, including the write of its end.",
    labels: ["method", "outcome"],
    buckets: DURATIONS,
  },
  "longrunning.operations.pending": {
    kind: "gauge",
    unit: "{operation}",
    help: "Operations on this store that can be claimed and wait for a worker; counted up to 10,001.",
    labels: ["method"],
  },
  "longrunning.operations.pending.age.max": {
    kind: "gauge",
    unit: "s",
    help: "Seconds that the oldest claimable operation has waited; 0 if none waits.",
    labels: ["method"],
  },
  "longrunning.operations.delayed": {
    kind: "gauge",
    unit: "{operation}",
    help: "Pending operations on this store whose time has not come; counted up to 10,001.",
    labels: ["method"],
  },
  "longrunning.operations.blocked": {
    kind: "gauge",
    unit: "{operation}",
    help: "Operations on this store that wait for others of their key; counted up to 10,001.",
    labels: ["method"],
  },
  "longrunning.operations.running": {
    kind: "gauge",
    unit: "{operation}",
    help: "Operations on this store that run, in any process; counted up to 10,001.",
    labels: ["method"],
  },
  "longrunning.slots.used": {
    kind: "gauge",
    unit: "{slot}",
    help: "Handlers that run in this process.",
    labels: [],
  },
  "longrunning.slots.limit": {
    kind: "gauge",
    unit: "{slot}",
    help: "Handlers that may run at a time in this process; 0 if it runs no handlers.",
    labels: [],
  },
  "longrunning.waiters": {
    kind: "gauge",
    unit: "{caller}",
    help: "Callers of this process that wait for an operation.",
    labels: [],
  },
  "longrunning.watchers": {
    kind: "gauge",
    unit: "{caller}",
    help: "Callers of this process that watch an operation or a collection.",
    labels: [],
  },
  "longrunning.store.batch.duration": {
    kind: "histogram",
    unit: "s",
    help: "Seconds that the store took for a batch of commands.",
    labels: ["verb"],
    buckets: STATEMENTS,
  },
  "longrunning.store.batch.size": {
    kind: "histogram",
    unit: "{command}",
    help: "Commands in a batch.",
    labels: ["verb"],
    buckets: SIZES,
  },
  "longrunning.store.errors": {
    kind: "counter",
    unit: "{batch}",
    help: "Batches that the store failed to execute.",
    labels: ["verb"],
  },
  "longrunning.store.conflicts": {
    kind: "counter",
    unit: "{change}",
    help: "Changes of operations that were computed again, because another change was committed first.",
    labels: ["method"],
  },
  "http.server.request.duration": {
    kind: "histogram",
    unit: "s",
    help: "Seconds that the server took to answer an HTTP request, including waits for an operation.",
    labels: ["http.request.method", "url.scheme", "http.response.status_code", "http.route", "error.type"],
    buckets: CALLS,
  },
  "rpc.server.call.duration": {
    kind: "histogram",
    unit: "s",
    help: "Seconds that the server took to answer a gRPC call, including waits for an operation.",
    labels: ["rpc.system.name", "rpc.method", "rpc.status_code", "error.type"],
    buckets: CALLS,
  },
} as const satisfies Readonly<Record<string, Metric>>;

/** The name of a metric. */
export type MetricName = keyof typeof METRICS;

type OfKind<Kind extends Metric["kind"]> = {
  [Name in MetricName]: (typeof METRICS)[Name]["kind"] extends Kind ? Name : never;
}[MetricName];

/** The name of a counter. */
export type CounterName = OfKind<"counter">;
/** The name of a histogram. */
export type HistogramName = OfKind<"histogram">;
/** The name of a gauge. */
export type GaugeName = OfKind<"gauge">;

type Texts<Items extends readonly unknown[]> = { readonly [Index in keyof Items]: string };

/** The values of a metric's labels, in their order. */
export type LabelValues<Name extends MetricName> = Texts<(typeof METRICS)[Name]["labels"]>;

/** Records counts and measurements, for any backend. */
export interface Meter {
  /** Counts one occurrence. */
  count<Name extends CounterName>(name: Name, values: LabelValues<Name>): void;
  /** Records a measurement, in the unit of the metric. */
  record<Name extends HistogramName>(name: Name, values: LabelValues<Name>, value: number): void;
}

/** The current value of a gauge, for some values of its labels. */
export interface Reading<Name extends GaugeName = GaugeName> {
  readonly name: Name;
  readonly values: readonly string[];
  readonly value: number;
}

/** Every metric with its name. */
export const METRIC_ROWS: readonly (readonly [name: MetricName, metric: Metric])[] = Object.entries(
  METRICS,
) as [MetricName, Metric][];
