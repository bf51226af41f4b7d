/** The entry point for clients, `longrunning/client`. It runs in Node and in browsers. */
import "../core/node-guard.ts";
export type { CodeName, ErrorCode } from "../core/error/code.ts";
export type { ErrorDetail } from "../core/error/details.ts";
export type { Duration } from "../core/value/duration.ts";
export { StatusError } from "../core/error/error.ts";
export type { Failure, State } from "../core/operation/operation.ts";
export type { RetryOptions } from "../core/method/retry.ts";
export {
  type Client,
  type ClientOptions,
  createClient,
  type Reference,
} from "./client.ts";
export type { StartItem, StartOptions, UpdatesOptions, WaitOptions } from "./options.ts";
export { OperationError, reasonOf } from "./error.ts";
export { type ClientOperation, type OperationMetadata, type StartedResult, stateOf } from "./operation.ts";
export type { CallEvent } from "./reporting-transport.ts";
export type {
  CallOptions,
  CollectionEvent,
  HeaderSource,
  ListCall,
  OperationPage,
  WatchCall,
} from "./transport.ts";
export type { MetadataFrom, OperationOf, RequestTo, ResponseFrom } from "./typed.ts";
