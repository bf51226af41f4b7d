import type { LogFields } from "../../core/ports/log.ts";
import { isSampled, type TraceContext } from "../../core/trace-context.ts";
import { plainField } from "./field-text.ts";
import type { Level } from "./log.ts";

/** A message on its way into the log. */
export interface Entry {
  /** RFC 3339. */
  readonly time: string;
  readonly level: Level;
  readonly message: string;
  /** None of them undefined. */
  readonly fields: LogFields;
  /** The trace that it belongs to. */
  readonly trace?: TraceContext | undefined;
}

/** What Google Cloud wants to know besides. */
export interface GcpOptions {
  /** The project that the traces are in. Undefined where nobody said so: traces are then told by their ids alone. */
  readonly project?: string | undefined;
  /** The service's name, which tells its operations from those of others. */
  readonly producer: string;
}

/** @see https://cloud.google.com/logging/docs/reference/v2/rest/v2/LogEntry, LogSeverity */
const SEVERITY = { debug: "DEBUG", info: "INFO", warn: "WARNING", error: "ERROR" } as const;

/** One object with what is known of operation, attempt and trace. No field takes the place of another thing. */
export function jsonLine({ time, level, message, fields, trace }: Entry): string {
  const traced = trace === undefined ? {} : { traceId: trace.traceId, spanId: trace.spanId };
  const head = { time, level, severity: SEVERITY[level] };
  return lineOf({ ...head, ...plain(fields), ...traced, ...head, message });
}

/**
 * The same as Google Cloud's agents read it: trace, operation, labels and request stand in members of their own.
 *
 * @see https://cloud.google.com/logging/docs/structured-logging
 */
export function gcpLine({ time, level, message, fields, trace }: Entry, options: GcpOptions): string {
  const { operation, method, attempt, worker, ...others } = plain(fields);
  const request = requestOf({ ...others, method });
  const labels = labelsOf({ attempt, worker, ...(request === undefined ? { method } : {}) });
  const head = { time, severity: SEVERITY[level] };
  return lineOf({
    ...head,
    ...(request === undefined ? others : request.others),
    ...head,
    message,
    ...(request === undefined ? {} : { httpRequest: request.httpRequest }),
    ...(typeof operation === "string" ? { [OPERATION]: { id: operation, producer: options.producer } } : {}),
    ...(Object.keys(labels).length === 0 ? {} : { [LABELS]: labels }),
    ...(trace === undefined ? {} : traceOf(trace, options)),
  });
}

const OPERATION = "logging.googleapis.com/operation";
const LABELS = "logging.googleapis.com/labels";

function traceOf({ traceId, spanId, flags }: TraceContext, { project }: GcpOptions): object {
  return {
    "logging.googleapis.com/trace": project === undefined ? traceId : `projects/${project}/traces/${traceId}`,
    "logging.googleapis.com/spanId": spanId,
    "logging.googleapis.com/trace_sampled": isSampled({ flags }),
  };
}

type Fields = Readonly<Record<string, unknown>>;

/** A request of HTTP in Google's words; undefined where the fields are not about one. */
function requestOf(fields: Fields): { readonly httpRequest: object; readonly others: Fields } | undefined {
  const { method, path, status, durationMs, bytes, ...others } = fields;
  if (typeof status !== "number" || typeof path !== "string") return undefined;
  const httpRequest = {
    requestMethod: method,
    requestUrl: path,
    status,
    ...(typeof durationMs === "number" ? { latency: `${(durationMs / 1_000).toFixed(6)}s` } : {}),
    // A number of 64 bits, which is text in JSON.
    ...(typeof bytes === "number" ? { responseSize: String(bytes) } : {}),
  };
  return { httpRequest, others };
}

/** Labels are texts. */
function labelsOf(fields: Fields): Readonly<Record<string, string>> {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given.map(([name, value]) => [name, String(value)]));
}

function plain(fields: LogFields): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, plainField(value)]));
}

function lineOf(members: object): string {
  return `${JSON.stringify(members)}\n`;
}
