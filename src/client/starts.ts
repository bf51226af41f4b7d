import { serviceError } from "../core/error/error.ts";
import { formatDuration, durationMs } from "../core/value/duration.ts";
import { plainRequest, requestRefusal } from "../core/method/request-json.ts";
import type { StartFields } from "../core/method/start-fields.ts";
import type { ClientOperation, StartedResult } from "./operation.ts";
import type { StartItem, StartOptions } from "./options.ts";
import { type Patience, repeat } from "./repeat.ts";
import type { CallOptions, StartCall, Transport } from "./transport.ts";

/** The parts for making calls. */
export interface Connection {
  readonly transport: Transport;
  readonly patience: Patience;
}

/** Starts an operation. It retries only if a second start would be the same. */
export async function start(
  { transport, patience }: Connection,
  method: string,
  request: unknown,
  { signal, ...options }: StartOptions,
): Promise<ClientOperation> {
  const call = startCall(method, request, options);
  const once = () => transport.start(call, signal === undefined ? {} : { signal });
  return isRepeatable(call) ? await repeat(patience, once, signal) : await once();
}

/** Starts several operations. It retries only if each start may be retried. */
export async function startMany(
  { transport, patience }: Connection,
  items: readonly StartItem[],
  options: CallOptions,
): Promise<readonly StartedResult[]> {
  const calls = items.map(({ method, request, ...each }) =>
    startCall(typeof method === "string" ? method : method.name, request, each),
  );
  const once = () => transport.startMany(calls, options);
  return calls.every(isRepeatable) ? await repeat(patience, once, options.signal) : await once();
}

/** Without a request id a second start creates a second operation. */
function isRepeatable({ requestId, validateOnly }: StartCall): boolean {
  return requestId !== undefined || validateOnly === true;
}

function startCall(
  method: string,
  request: unknown,
  { timeToLive, delay, ...options }: StartFields,
): StartCall {
  checkIds(options);
  return {
    ...options,
    method,
    request: requestOf(method, request),
    ...(timeToLive === undefined ? {} : { timeToLive: formatDuration(durationMs("timeToLive", timeToLive)) }),
    ...(delay === undefined ? {} : { delay: formatDuration(durationMs("delay", delay)) }),
  };
}

/**
 * Encoding would replace half of a surrogate pair by another character. @throws {StatusError}
 * INVALID_ARGUMENT
 */
function checkIds({ parent = "", requestId = "" }: StartFields): void {
  const rule = "it has half of a surrogate pair, which is no character";
  if (!parent.isWellFormed()) throw serviceError("NAME_INVALID", `Invalid parent: ${rule}.`);
  if (!requestId.isWellFormed()) throw serviceError("REQUEST_ID_INVALID", `Invalid request id: ${rule}.`);
}

/** @throws {StatusError} INVALID_ARGUMENT REQUEST_INVALID for a value that JSON cannot express */
function requestOf(method: string, request: unknown): unknown {
  try {
    return plainRequest(request);
  } catch (error) {
    throw requestRefusal(method, error);
  }
}
