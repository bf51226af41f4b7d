/** The main entry point, `longrunning`. */
import "./core/node-guard.ts";
export type { Caller, CallerIdentity } from "./core/caller.ts";
export { CODES, type CodeName, type ErrorCode } from "./core/error/code.ts";
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
} from "./core/error/details.ts";
export type { Duration } from "./core/value/duration.ts";
export { REASONS, type Reason, StatusError, type StatusErrorOptions } from "./core/error/error.ts";
export type { Log, LogFields } from "./core/ports/log.ts";
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
} from "./core/method/method.ts";
export { remote, type RemoteRun } from "./core/method/remote.ts";
export type { Failure, State } from "./core/operation/operation.ts";
export type { ParallelOptions } from "./core/method/parallel.ts";
export type { RetryOptions } from "./core/method/retry.ts";
export type { Schema } from "./core/method/schema.ts";
export type { AttemptFacts } from "./core/ports/worker-port.ts";
export { loadMethods } from "./assembly/methods-file.ts";
export { httpTarget, type HttpTargetHandler } from "./http-target/http-target.ts";
export type { HttpTargetAuth, HttpTargetOptions, IdentityTokenOptions } from "./http-target/options.ts";
export type { NodeListener, RequestListenerOptions } from "./assembly/mounting.ts";
export { openOperations } from "./assembly/open.ts";
export {
  type FollowOptions,
  httpStatusOfError,
  type OpenedOperations,
  OperationError,
  type Reference,
} from "./assembly/opened-operations.ts";
export type { OpenOptions, ServeOptions } from "./assembly/options.ts";
export { type Served, serve } from "./assembly/serve.ts";
export type { StartedOperation, StartItem, StartOptions } from "./assembly/starts.ts";
export type { TypedOperation } from "./assembly/typed-operation.ts";
