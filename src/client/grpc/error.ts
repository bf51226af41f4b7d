import { fromBinary } from "@bufbuild/protobuf";
import type { Metadata, ServiceError } from "@grpc/grpc-js";
import { codeName, type ErrorCode } from "../../core/error/code.ts";
import { parseDurationMs } from "../../core/value/duration.ts";
import type { StatusError } from "../../core/error/error.ts";
import { StatusSchema } from "../../wire/gen/google/rpc/status_pb.ts";
import type { Types } from "../../wire/proto/registry.ts";
import { notUnderstood, toldError, tooLate, unreachable } from "../error.ts";
import { withRetryAfter } from "../repeat.ts";
import { detailsOf } from "./message.ts";

/** The facts about a call, for messages. */
export interface Called {
  /** For messages: `GetOperation at grpc://127.0.0.1:8080`. */
  readonly shown: string;
  /** The server's address. */
  readonly server: string;
  /** The time limit of the call. */
  readonly timeoutMs: number;
}

/** The facts about an ended call. */
export interface Ended extends Called {
  /** Whether the client aborted it because its time was over. */
  readonly late: boolean;
}

/**
 * The error of a call: the service's error in `grpc-status-details-bin`, or at least in its status;
 * without an answer UNAVAILABLE, with advice.
 */
export function errorOfCall(
  error: ServiceError | null,
  { shown, server, timeoutMs, late }: Ended,
  types: Types,
): StatusError {
  if (late) return tooLate(shown, timeoutMs);
  if (error === null) return notUnderstood(shown, error);
  const status = statusOf(error);
  if (status !== undefined) {
    const details = detailsOf(status, types);
    return withRetryAfter(
      toldError(errorCode(status.code), status.message, details),
      retryAfterSeconds(details),
    );
  }
  const code = errorCode(error.code);
  if (code === "DEADLINE_EXCEEDED") return tooLate(shown, timeoutMs);
  if (code === "UNAVAILABLE" && NO_ANSWER.test(error.details)) {
    return unreachable(shown, server, error, lastError(error.details));
  }
  return toldError(code, error.details === "" ? `${shown} was answered with ${code}.` : error.details, []);
}

/** The status with details. Ignore a status whose code differs from the call's. */
function statusOf({ code, metadata }: { readonly code: number; readonly metadata: Metadata }) {
  const [bytes] = metadata.get("grpc-status-details-bin");
  if (!(bytes instanceof Uint8Array)) return undefined;
  try {
    const status = fromBinary(StatusSchema, bytes);
    return status.code === code ? status : undefined;
  } catch {
    return undefined;
  }
}

function errorCode(number: number): ErrorCode {
  const name = codeName(number);
  return name === undefined || name === "OK" ? "UNKNOWN" : name;
}

/** The equivalent of `Retry-After` over REST. */
function retryAfterSeconds(details: ReturnType<typeof detailsOf>): number | undefined {
  const info = details.find((each) => each["@type"].endsWith("/google.rpc.RetryInfo"));
  const delayMs = typeof info?.["retryDelay"] === "string" ? parseDurationMs(info["retryDelay"]) : undefined;
  return delayMs === undefined ? undefined : delayMs / 1_000;
}

/** The beginnings of messages that grpc-js itself makes if the server sent nothing. */
const NO_ANSWER =
  /^(?:No connection established|Name resolution failed|Connection dropped|Stream refused|Channel closed|Write (?:error|failed)|(?:read|write|connect) E[A-Z]+)/;

/** The system's error code in grpc-js's message, or the last part of the message. */
function lastError(details: string): string | undefined {
  if (/^(?:Connection dropped|Write )/.test(details)) return "ECONNRESET";
  if (details.startsWith("Name resolution failed")) return "ENOTFOUND";
  const code = /\bE[A-Z]{4,}\b/.exec(details)?.[0];
  if (code !== undefined) return code;
  const last = /Last error: (?:Error: )?(.*?)(?:\. Resolution note:.*)?$/s.exec(details)?.[1];
  return last?.replace(/ \(\d{4}-[^)]*\)$/, "").replace(/^null$/, "the connection failed");
}
