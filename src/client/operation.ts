import { codeName } from "../core/error/code.ts";
import type { ErrorDetail } from "../core/error/details.ts";
import { StatusError } from "../core/error/error.ts";
import type { Failure, State } from "../core/operation/operation.ts";
import type { JsonObject } from "../core/operation/payload.ts";
import { isObject, plainValue } from "./any.ts";

/**
 * The metadata that a longrunning server adds to the handler's reports. All fields are optional,
 * because other servers do not send them. Times are RFC 3339 strings, durations are strings such as
 * `"1s"`.
 */
export interface OperationMetadata {
  /** The name of the method. */
  readonly verb?: string;
  /** The resource that the operation works on. */
  readonly target?: string;
  readonly state?: State;
  /** The number of runs of the handler, including the current one. */
  readonly attempt?: number;
  /** Among available operations, a higher priority begins first. Missing for 0. */
  readonly priority?: number;
  readonly createTime?: string;
  /** The time when it may begin, if it was started with a delay. */
  readonly scheduleTime?: string;
  readonly startTime?: string;
  readonly endTime?: string;
  /** The time when the finished operation is removed. */
  readonly expireTime?: string;
  /** Whether cancellation was requested. */
  readonly requestedCancellation?: boolean;
  readonly apiVersion?: string;
  /** The poll interval that the server recommends. */
  readonly pollInterval?: string;
  /** 0 to 100, if the handler reports it. */
  readonly progressPercent?: number;
  /** The current activity, if the handler reports it. */
  readonly statusMessage?: string;
}

/** An operation for a caller: payloads are plain values. */
export interface ClientOperation<Response = unknown, Metadata = JsonObject> {
  /** Such as `projects/p/operations/0199…`; empty for an answer to `validateOnly`. */
  readonly name: string;
  readonly done: boolean;
  /** The conventional fields and the last report of the handler. */
  readonly metadata: OperationMetadata & Partial<Metadata>;
  /** Set when it succeeded and the method has a response. */
  readonly response: Response | null;
  /** Set when it failed or was cancelled (code CANCELLED). */
  readonly error: Failure | null;
}

/** A result of `startMany`: the operation, or the error of the start. */
export type StartedResult<Response = unknown, Metadata = JsonObject> =
  | { readonly operation: ClientOperation<Response, Metadata>; readonly error?: undefined }
  | { readonly operation?: undefined; readonly error: StatusError };

/**
 * Reads an operation from its JSON.
 *
 * @throws {StatusError} UNKNOWN if the JSON is not an operation
 */
export function decodeOperation<Response, Metadata>(json: unknown): ClientOperation<Response, Metadata> {
  if (!isObject(json)) throw notAnOperation("it is no JSON object");
  const { name = "", done = false, metadata, response, error } = json;
  if (typeof name !== "string") throw notAnOperation("its name is no text");
  if (typeof done !== "boolean") throw notAnOperation("its done is neither true nor false");
  const plain = plainValue(metadata);
  return {
    name,
    done,
    metadata: (isObject(plain) ? plain : {}) as OperationMetadata & Partial<Metadata>,
    response: plainValue(response) as Response | null,
    error: decodeFailure(error),
  };
}

function notAnOperation(why: string): StatusError {
  return new StatusError(
    "UNKNOWN",
    `The answer is not an operation: ${why}. Check that the address is the service's.`,
    {
      reason: "ANSWER_INVALID",
    },
  );
}

/** Reads a `google.rpc.Status`. An unknown number becomes UNKNOWN, as in Google's clients. */
export function decodeFailure(status: unknown): Failure | null {
  if (!isObject(status)) return null;
  const name = codeName(Number(status["code"]));
  return {
    code: name === undefined || name === "OK" ? "UNKNOWN" : name,
    message: typeof status["message"] === "string" ? status["message"] : "",
    details: decodeDetails(status["details"]),
  };
}

/** The valid details; others are left out. */
export function decodeDetails(details: unknown): readonly ErrorDetail[] {
  if (!Array.isArray(details)) return [];
  return details.filter((each): each is ErrorDetail => isObject(each) && typeof each["@type"] === "string");
}

/** The state of an operation; derived from `done` and `error` if the server does not send it. */
export function stateOf(operation: ClientOperation): State {
  if (operation.metadata.state !== undefined) return operation.metadata.state;
  if (!operation.done) return "RUNNING";
  if (operation.error === null) return "SUCCEEDED";
  return operation.error.code === "CANCELLED" ? "CANCELLED" : "FAILED";
}
