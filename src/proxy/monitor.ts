import type { IncomingMessage, ServerResponse } from "node:http";
import { StatusError } from "../core/error/error.ts";
import { formatName } from "../core/operation/name.ts";
import { type Failure, isDone, type Operation } from "../core/operation/operation.ts";
import { HTTP_ACCEPTED, HTTP_BAD_GATEWAY, HTTP_CONFLICT, HTTP_GATEWAY_TIMEOUT } from "../wire/code.ts";
import { indentJson } from "../wire/indent.ts";
import { operationJson, type OperationView } from "../wire/operation.ts";
import { bodyOf } from "./failure.ts";
import { keptAnswerOf } from "./record.ts";

/** The parts of all answers about operations. */
export interface MonitorView {
  readonly view: OperationView;
  readonly pollIntervalMs: (operation: Operation) => number;
  /** The address for callers, such as `https://example.com`; empty for addresses without a host. */
  readonly origin: string;
  /** The `domain` of errors. */
  readonly domain: string;
}

/** The path prefix of everything that belongs to the proxy itself. */
export const OWN_PATH = "/.operations";

/** An answer: a status, headers as alternating names and values, and a body. */
interface MonitorAnswer {
  readonly status: number;
  readonly statusText?: string;
  readonly headers: readonly string[];
  readonly body: string | Uint8Array;
}

const JSON_HEADERS = [
  "content-type",
  "application/json; charset=UTF-8",
  "cache-control",
  "private, no-cache",
  "x-content-type-options",
  "nosniff",
] as const;

/**
 * A monitor's answer about an operation: 202 while it runs; then the unchanged answer of the
 * upstream; 409 if it was cancelled; 502 or 504 if the upstream did not answer.
 *
 * @see OData 4.01, part 1, section 11.6; contract 2, section 4.2
 */
export function monitorAnswer(operation: Operation, view: MonitorView): MonitorAnswer {
  if (!isDone(operation)) return accepted(operation, view);
  const answer = keptAnswerOf(operation);
  if (answer !== undefined) {
    const { status, statusText, headers, body } = answer;
    const own = ["AsyncResult", String(status), "Vary", "Prefer"];
    return { status, statusText, headers: [...headers.flat(), ...own], body: Buffer.from(body, "base64") };
  }
  return failed(operation, operation.error, view);
}

/** 202 with the address and the delay for polling the operation. */
export function accepted(operation: Operation, { view, pollIntervalMs, origin }: MonitorView): MonitorAnswer {
  const name = encodeURI(formatName(operation));
  const seconds = Math.max(1, Math.ceil(pollIntervalMs(operation) / 1_000));
  const headers = [
    ...JSON_HEADERS,
    "location",
    `${origin}${OWN_PATH}/${operation.id}`,
    "operation-location",
    `${origin}${OWN_PATH}/v1/${name}`,
    "retry-after",
    String(seconds),
    "vary",
    "Prefer",
  ];
  return { status: HTTP_ACCEPTED, headers, body: indentJson(operationJson(operation, view)) };
}

function failed(operation: Operation, failure: Failure | null, { domain }: MonitorView): MonitorAnswer {
  const { code = "UNKNOWN", message = "", details = [] } = failure ?? {};
  const error = new StatusError(code, message, {
    details: details.filter((each) => each["@type"] !== HEAD_TYPE),
  });
  const status = failedStatus(operation, code);
  const upstreamStatus = details.map(
    ({ metadata }) => (metadata as { status?: unknown } | undefined)?.status,
  );
  const kept = upstreamStatus.find((each) => typeof each === "string");
  const headers = [...JSON_HEADERS, ...(kept === undefined ? [] : ["AsyncResult", kept])];
  return { status, headers, body: bodyOf(error, status, domain) };
}

const HEAD_TYPE = "type.googleapis.com/google.protobuf.Struct";

function failedStatus({ state }: Operation, code: string): number {
  if (state === "CANCELLED") return HTTP_CONFLICT;
  return code === "DEADLINE_EXCEEDED" ? HTTP_GATEWAY_TIMEOUT : HTTP_BAD_GATEWAY;
}

/** Sends an answer. @param more additional headers, as alternating names and values */
export function sendAnswer(
  request: IncomingMessage,
  response: ServerResponse,
  { status, statusText, headers, body }: MonitorAnswer,
  more: readonly string[] = [],
): void {
  if (response.destroyed) return;
  if (!request.complete) response.shouldKeepAlive = false;
  response.writeHead(status, statusText, [
    ...headers,
    ...more,
    "content-length",
    String(Buffer.byteLength(body)),
  ]);
  response.end(body);
}
