import type { Server as GrpcServer } from "@grpc/grpc-js";
import type { StatusError } from "../core/error/error.ts";
import type { Method, ReceivedResponse, RequestOf } from "../core/method/method.ts";
import type { Schema } from "../core/method/schema.ts";
import type { AttemptFacts } from "../core/ports/worker-port.ts";
import type { Duration } from "../core/value/duration.ts";
import type { ListRequest } from "../engine/listing/list.ts";
import type { GrpcStreams } from "../server/http2/http2-server.ts";
import type { AdminListenerOptions } from "./admin.ts";
import type { NodeListener, RequestListenerOptions } from "./mounting.ts";
import type { StartedOperation, StartItem, StartOptions } from "./starts.ts";
import type { TypedOperation } from "./typed-operation.ts";

export { OperationError } from "../client/error.ts";
export { httpStatusOfError } from "../wire/code.ts";

/** One item for each method of a list. */
export type StartItems<T extends readonly Method[]> = { readonly [Index in keyof T]: StartItem<T[Index]> };

/** An operation, or its name. */
export type Reference<
  R extends Schema | undefined = Schema | undefined,
  M extends Schema | undefined = Schema | undefined,
> = string | TypedOperation<R, M>;

/** The options for following an operation. */
export interface FollowOptions<R extends Schema | undefined, M extends Schema | undefined> {
  /** Ends the following, which throws the signal's reason. The operation continues. */
  readonly signal?: AbortSignal | undefined;
  /** Provides the types, if only the operation's name is given. */
  readonly method?: Method<Schema, R, M> | undefined;
}

/** Operations, open for use in this process and for serving. */
export interface OpenedOperations {
  /** Starts an operation of a declared method; it is durable once this resolves. */
  start<Q extends Schema, R extends Schema | undefined, M extends Schema | undefined>(
    method: Method<Q, R, M>,
    request: RequestOf<Q>,
    options?: StartOptions,
  ): Promise<TypedOperation<R, M>>;
  /**
   * Starts 1 to 1000 operations independently. Returns one result per start, in the same order. The
   * starts are written together.
   *
   * @throws {StatusError} INVALID_ARGUMENT for an empty list, or for more than 1000 starts
   * @throws {TypeError} for an invalid duration; nothing is started then
   */
  startMany<T extends readonly Method[] | readonly []>(
    items: StartItems<T>,
  ): Promise<{ readonly [Index in keyof T]: StartedOperation<T[Index]> }>;
  /**
   * Returns the current state. `method` only provides the types of the result. @throws
   * {StatusError} NOT_FOUND
   */
  get<R extends Schema | undefined, M extends Schema | undefined>(
    name: string,
    method?: Method<Schema, R, M>,
  ): Promise<TypedOperation<R, M>>;
  /** A page of the operations of one parent, newest first. */
  list(
    request?: Partial<ListRequest>,
  ): Promise<{ operations: readonly TypedOperation[]; nextPageToken: string }>;
  /**
   * Requests cancellation. It has no further effect when repeated or late. @throws {StatusError}
   * NOT_FOUND
   */
  cancel(name: string): Promise<void>;
  /**
   * Removes the record. A running handler continues, and its result is dropped. @throws
   * {StatusError} NOT_FOUND
   */
  delete(name: string): Promise<void>;
  /**
   * Waits until the operation is done or `timeout` (default 30 s, at most 60 s) has passed, and
   * returns the current state. @throws {StatusError} NOT_FOUND
   */
  wait<R extends Schema | undefined, M extends Schema | undefined>(
    name: string,
    options?: {
      readonly timeout?: Duration;
      readonly signal?: AbortSignal;
      readonly method?: Method<Schema, R, M>;
    },
  ): Promise<TypedOperation<R, M>>;
  /**
   * Waits for the response of the operation, however long it takes; null if the method has no
   * response.
   *
   * @throws {OperationError} if the operation failed or was cancelled, with its code, reason and
   * details
   * @throws {StatusError} NOT_FOUND if the operation does not exist or is removed;
   * RESOURCE_EXHAUSTED TOO_MANY_WAITERS; UNAVAILABLE SHUTTING_DOWN if this process stops first
   */
  result<R extends Schema | undefined, M extends Schema | undefined>(
    operation: Reference<R, M>,
    options?: FollowOptions<R, M>,
  ): Promise<ReceivedResponse<R>>;
  /**
   * The current state, then every change, and finally the done operation. If changes come faster
   * than they are consumed, only the newest is given. Throws the errors of
   * {@link OpenedOperations.result}, except the operation's own.
   */
  updates<R extends Schema | undefined, M extends Schema | undefined>(
    operation: Reference<R, M>,
    options?: FollowOptions<R, M>,
  ): AsyncIterable<TypedOperation<R, M>>;
  /**
   * Returns a listener that serves the REST interface, for `http.createServer`,
   * `server.on("request", …)`, a server of `node:http2`, or any framework that accepts a listener
   * (`docs/mounting.md`). It answers every request; unknown paths get 404.
   *
   * @throws {TypeError} naming the invalid option
   */
  requestListener(options?: RequestListenerOptions): NodeListener;
  /**
   * Returns a listener that serves the operators' page and its API, for `http.createServer` or any
   * framework that accepts a listener. `access` decides the permissions of each request.
   *
   * ```ts
   * app.use(operations.adminListener({ access: (request) => (isOperator(request) ? "full" : undefined) }));
   * ```
   *
   * @throws {TypeError} with the invalid option
   */
  adminListener(options: AdminListenerOptions): NodeListener;
  /**
   * Adds the gRPC services to a server of `@grpc/grpc-js`: `google.longrunning.Operations`,
   * `longrunning.v1.Methods`, and the services of methods declared by protos. It does not add
   * health checks and reflection.
   */
  addTo(server: Pick<GrpcServer, "addService">): void;
  /**
   * Answers gRPC calls over HTTP/2, including reflection; the port answers health checks. For
   * `serve`.
   */
  grpcStreams(): GrpcStreams;
  /**
   * Reads the access rules again. They apply to new calls, and also to waits and watches in
   * progress.
   *
   * @throws {TypeError} for invalid rules, with every mistake; the old rules then stay in force
   */
  reloadAccess(): Promise<void>;
  /**
   * Rejects new starts, answers waiting callers, gives running handlers time to finish, and closes
   * the store. If a handler ignores its signal, its operation is released without waiting for the
   * handler. End the process then, because another attempt begins elsewhere.
   */
  stop(options?: { readonly drain?: Duration }): Promise<void>;
  /** Reopens the audit file, after the old one was renamed. Does nothing without an audit file. */
  reopenAudit(): Promise<void>;
  /**
   * Resolves if the store is lost, because its file was deleted, renamed or replaced. The error
   * names the cause and the remedy. Every later call is rejected; end the process.
   */
  readonly lost: Promise<StatusError>;
  /**
   * Formats all metrics for Prometheus (`docs/metrics.md`); {@link requestListener} serves it at
   * `GET /metrics`. Undefined unless opened with `metrics`.
   */
  readonly metrics: (() => Promise<string>) | undefined;
  /** The name of this process's worker in attempts; undefined if it runs no handlers. */
  readonly worker: string | undefined;
  /** The number of handlers running in this process. */
  readonly running: number;
  /** Handlers that ignored their signal on {@link stop}, and still run in this process. */
  readonly abandoned: readonly AttemptFacts[];
}
