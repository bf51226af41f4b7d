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
  /** The fields, without undefined values. */
  readonly fields: LogFields;
  /** The trace of the message. */
  readonly trace?: TraceContext | undefined;
}

/** Additional facts for Google Cloud. */
export interface GcpOptions {
  /** The project of the traces. Undefined if unknown: traces are then written as ids only. */
  readonly project?: string | undefined;
  /** The service's name, which distinguishes its operations from those of others. */
  readonly producer: string;
}

/** @see https://cloud.google.com/logging/docs/reference/v2/rest/v2/LogEntry, LogSeverity */
const SEVERITY = { debug: "DEBUG", info: "INFO", warn: "WARNING", error: "ERROR" } as const;

/**
 * A JSON object with the operation, attempt and trace, if known. No field replaces a standard
 * member.
 */
export function jsonLine({ time, level, message, fields, trace }: Entry): string {
  const traced = trace === undefined ? {} : { traceId: trace.traceId, spanId: trace.spanId };
  const head = { time, level, severity: SEVERITY[level] };
  return lineOf({ ...head, ...plain(fields), ...traced, ...head, message });
}

/**
 * The same in the format of Google Cloud's agents: trace, operation, labels and request have their
 * own members.
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

/** An HTTP request in Google's format; undefined if the fields describe none. */
function requestOf(fields: Fields): { readonly httpRequest: object; readonly others: Fields } | undefined {
  const { method, path, status, durationMs, bytes, ...others } = fields;
  if (typeof status !== "number" || typeof path !== "string") return undefined;
  const httpRequest = {
    requestMethod: method,
    requestUrl: path,
    status,
    ...(typeof durationMs === "number" ? { latency: `${(durationMs / 1_000).toFixed(6)}s` } : {}),
    // A 64-bit number, which is a text in JSON.
    ...(typeof bytes === "number" ? { responseSize: String(bytes) } : {}),
  };
  return { httpRequest, others };
}

/** The values of labels are texts. */
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
