import type { CallerTransaction } from "../core/ports/caller-transaction.ts";
import type { StartFields } from "../core/method/start-fields.ts";
import { durationMs } from "../core/value/duration.ts";
import { serviceError, StatusError } from "../core/error/error.ts";
import type { Method, RequestOf } from "../core/method/method.ts";
import { requestJson, type StartRequest } from "../engine/starting/request.ts";
import type { TypedOperation } from "./typed-operation.ts";

/** How to start one operation. */
export interface StartOptions extends StartFields {
  /**
   * A transaction of yours on the same PostgreSQL: the operation is a part of it, and exists if you commit. What `sql.begin` of
   * the package `postgres` hands over, a client of `pg` after BEGIN, or an object with `query(text, parameters)` over any other
   * driver. @default one of the store's own
   */
  readonly transaction?: CallerTransaction;
}

/** One of many starts: a declared method, its request, and what goes with it. */
export interface StartItem<T extends Method = Method> extends StartOptions {
  readonly method: T;
  readonly request: T extends Method<infer Q> ? RequestOf<Q> : unknown;
}

/** What became of one of many starts: an operation, or why nothing was started. */
export type StartedOperation<T extends Method = Method> =
  | {
      readonly operation: T extends Method<infer _Q, infer R, infer M>
        ? TypedOperation<R, M>
        : TypedOperation;
      readonly error?: undefined;
    }
  | { readonly operation?: undefined; readonly error: StatusError };

/** A start as the use cases take it. @throws {TypeError} for a duration that is none */
export function startOfCall(method: Method, value: unknown, options: StartOptions): StartRequest {
  const { timeToLive, delay, ...start } = options;
  return {
    ...start,
    method: method.name,
    request: requestJson(method, value),
    timeToLiveMs: timeToLive === undefined ? undefined : durationMs("timeToLive", timeToLive),
    delayMs: delay === undefined ? undefined : durationMs("delay", delay),
  };
}

/** One of many; why it cannot be meant, where its request has no JSON. */
export function startOfItem({ method, request, ...options }: StartItem): StartRequest | StatusError {
  try {
    return startOfCall(method, request, options);
  } catch (error) {
    if (error instanceof StatusError) return error;
    throw error;
  }
}

/** What callers in this process are told of an error; of a bug they are told everything. */
export function asStatusError(error: unknown): StatusError {
  if (error instanceof StatusError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return serviceError("INTERNAL_ERROR", message, { cause: error });
}
