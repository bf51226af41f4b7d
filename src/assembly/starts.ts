import type { CallerTransaction } from "../core/ports/caller-transaction.ts";
import type { StartFields } from "../core/method/start-fields.ts";
import { durationMs } from "../core/value/duration.ts";
import { serviceError, StatusError } from "../core/error/error.ts";
import type { Method, RequestOf } from "../core/method/method.ts";
import { requestJson, type StartRequest } from "../engine/starting/request.ts";
import type { TypedOperation } from "./typed-operation.ts";

/** The options of a start. */
export interface StartOptions extends StartFields {
  /**
   * Your own transaction on the same PostgreSQL database: the operation exists only if you commit.
   * Accepts the argument of `sql.begin` of the package `postgres`, a client of `pg` after BEGIN, or
   * an object with `query(text, parameters)` for any other driver. @default a transaction of the
   * store
   */
  readonly transaction?: CallerTransaction | undefined;
}

/** An element of `startMany`: a declared method, its request, and the options of the start. */
export interface StartItem<T extends Method = Method> extends StartOptions {
  readonly method: T;
  readonly request: T extends Method<infer Q> ? RequestOf<Q> : unknown;
}

/** A result of `startMany`: the operation, or the error of the start. */
export type StartedOperation<T extends Method = Method> =
  | {
      readonly operation: T extends Method<infer _Q, infer R, infer M>
        ? TypedOperation<R, M>
        : TypedOperation;
      readonly error?: undefined;
    }
  | { readonly operation?: undefined; readonly error: StatusError };

/**
 * Converts a call to the form that the use cases accept. @throws {TypeError} for an invalid
 * duration
 */
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

/** Converts an element of `startMany`; returns an error if JSON cannot express its request. */
export function startOfItem({ method, request, ...options }: StartItem): StartRequest | StatusError {
  try {
    return startOfCall(method, request, options);
  } catch (error) {
    if (error instanceof StatusError) return error;
    throw error;
  }
}

/** Converts an error for callers in this process; they see all details of a bug. */
export function asStatusError(error: unknown): StatusError {
  if (error instanceof StatusError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return serviceError("INTERNAL_ERROR", message, { cause: error });
}
