/** The front door: everything `import … from "longrunning"` offers. */
export { CODES, type CodeName, type ErrorCode } from "./core/code.ts";
export {
  badRequest,
  debugInfo,
  type ErrorDetail,
  errorInfo,
  type FieldViolation,
  help,
  localizedMessage,
  preconditionFailure,
  quotaFailure,
  type QuotaViolation,
  requestInfo,
  resourceInfo,
  retryInfo,
} from "./core/details.ts";
export type { Duration } from "./core/duration.ts";
export { REASONS, type Reason, StatusError, type StatusErrorOptions } from "./core/error.ts";
export type { Log, LogFields } from "./core/log.ts";
export {
  type AbortCause,
  AttemptAborted,
  type Context,
  defineMethod,
  type MetadataOf,
  type Method,
  type MethodOptions,
  type RequestOf,
  type ResponseOf,
  type TimeToLiveOptions,
} from "./core/method.ts";
export type { Failure, State } from "./core/operation.ts";
export type { ParallelOptions } from "./core/parallel.ts";
export type { RetryOptions } from "./core/retry.ts";
export type { Schema } from "./core/schema.ts";
export type { AttemptFacts } from "./core/attempts.ts";
export { type OpenedOperations, type OpenOptions, openOperations } from "./open.ts";
export { type Served, serve, type ServeOptions } from "./serve.ts";
export type { StartedOperation, StartItem, StartOptions } from "./starts.ts";
export type { TypedOperation } from "./typed-operation.ts";
