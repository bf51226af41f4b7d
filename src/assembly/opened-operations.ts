import type { Server as GrpcServer } from "@grpc/grpc-js";
import type { StatusError } from "../core/error/error.ts";
import type { Method, ReceivedResponse, RequestOf } from "../core/method/method.ts";
import type { Schema } from "../core/method/schema.ts";
import type { AttemptFacts } from "../core/ports/worker-port.ts";
import type { Duration } from "../core/value/duration.ts";
import type { ListRequest } from "../engine/listing/list.ts";
import type { GrpcStreams } from "../server/http2/http2-server.ts";
import type { HttpListener } from "../server/front.ts";
import type { AdminListenerOptions } from "./admin.ts";
import type { StartedOperation, StartItem, StartOptions } from "./starts.ts";
import type { TypedOperation } from "./typed-operation.ts";

export { OperationError } from "../client/error.ts";

/** An item for each method of a list. */
export type StartItems<T extends readonly Method[]> = { readonly [Index in keyof T]: StartItem<T[Index]> };

/** An operation, or its name. */
export type Reference<
  R extends Schema | undefined = Schema | undefined,
  M extends Schema | undefined = Schema | undefined,
> = string | TypedOperation<R, M>;

/** How an operation is followed. */
export interface FollowOptions<R extends Schema | undefined, M extends Schema | undefined> {
  /** Ends it, by throwing the signal's reason. The operation goes on. */
  readonly signal?: AbortSignal | undefined;
  /** Lends its types, where only the operation's name is given. */
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
   * Starts up to 1000 operations together, each for itself: one result for each, in their order. They reach the store in as
   * few writes as can be.
   *
   * @throws {StatusError} INVALID_ARGUMENT where there are none, or more
   * @throws {TypeError} for a duration that is none; nothing is started then
   */
  startMany<T extends readonly Method[] | readonly []>(
    items: StartItems<T>,
  ): Promise<{ readonly [Index in keyof T]: StartedOperation<T[Index]> }>;
  /** The latest state. `method`, where given, only lends its types. @throws {StatusError} NOT_FOUND */
  get<R extends Schema | undefined, M extends Schema | undefined>(
    name: string,
    method?: Method<Schema, R, M>,
  ): Promise<TypedOperation<R, M>>;
  /** A page of the operations of one parent, newest first. */
  list(
    request?: Partial<ListRequest>,
  ): Promise<{ operations: readonly TypedOperation[]; nextPageToken: string }>;
  /** Asks for cancellation. Harmless when repeated or late. @throws {StatusError} NOT_FOUND */
  cancel(name: string): Promise<void>;
  /** Removes the record; the work goes on and its result is dropped. @throws {StatusError} NOT_FOUND */
  delete(name: string): Promise<void>;
  /** Waits until done or `timeout` (default 30 s, at most 60 s) and gives the latest state. @throws {StatusError} NOT_FOUND */
  wait<R extends Schema | undefined, M extends Schema | undefined>(
    name: string,
    options?: {
      readonly timeout?: Duration;
      readonly signal?: AbortSignal;
      readonly method?: Method<Schema, R, M>;
    },
  ): Promise<TypedOperation<R, M>>;
  /**
   * The response once the operation has succeeded, however long that takes; null where the method answers nothing.
   *
   * @throws {OperationError} when the operation failed or was cancelled, with its code, reason and details
   * @throws {StatusError} NOT_FOUND when there is none or it is removed; RESOURCE_EXHAUSTED TOO_MANY_WAITERS; UNAVAILABLE
   *   SHUTTING_DOWN when this process stops first
   */
  result<R extends Schema | undefined, M extends Schema | undefined>(
    operation: Reference<R, M>,
    options?: FollowOptions<R, M>,
  ): Promise<ReceivedResponse<R>>;
  /**
   * The operation now, then whenever it has changed, and at last when it is done. Where changes come faster than they are
   * taken, the newest is given. Errors are those of {@link OpenedOperations.result}, but for the operation's own.
   */
  updates<R extends Schema | undefined, M extends Schema | undefined>(
    operation: Reference<R, M>,
    options?: FollowOptions<R, M>,
  ): AsyncIterable<TypedOperation<R, M>>;
  /** Serves the REST interface: for `http.createServer`, `server.on("request", …)`, or any framework that takes one. */
  requestListener(): HttpListener;
  /**
   * Serves operators: the page, and the service that it calls. For `http.createServer`, or any framework that takes a listener of it.
   * `access` decides what whoever sent a request may do.
   *
   * ```ts
   * app.use(operations.adminListener({ access: (request) => (isOperator(request) ? "full" : undefined) }));
   * ```
   *
   * @throws {TypeError} naming the option that is wrong
   */
  adminListener(options: AdminListenerOptions): HttpListener;
  /**
   * Adds our gRPC services to a server of `@grpc/grpc-js`: `google.longrunning.Operations`, `longrunning.v1.Methods`, and
   * those of methods declared by protos. Health checks and reflection are left to its owner.
   */
  addTo(server: Pick<GrpcServer, "addService">): void;
  /** Answers calls of gRPC that come over HTTP/2, reflection too; health checks are left to the port. For `serve`. */
  grpcStreams(): GrpcStreams;
  /**
   * Reads the rules of access again: calls are decided by them from then on, and those that go on for long are decided anew.
   *
   * @throws {TypeError} for rules that are no good, with every mistake; then the old ones stay
   */
  reloadAccess(): Promise<void>;
  /**
   * Refuses new starts, answers who waits, gives running handlers time to end, and closes the store. A handler that ignores its
   * signal is not waited for: its operation is given back, and the process should end before another attempt has gone far.
   */
  stop(options?: { readonly drain?: Duration }): Promise<void>;
  /** Goes on in a new file of audit records, where the old one was moved away. Does nothing where there is none. */
  reopenAudit(): Promise<void>;
  /**
   * Resolves if the store is gone for good, with what happened and what to do: its file was deleted, renamed or replaced.
   * Every call is refused from then on; end the process.
   */
  readonly lost: Promise<StatusError>;
  /**
   * Writes all metrics as Prometheus reads them (`docs/metrics.md`); {@link requestListener} answers `GET /metrics` with it.
   * Undefined unless opened with `metrics`.
   */
  readonly metrics: (() => Promise<string>) | undefined;
  /** The worker of this process, by the name that attempts have it; undefined where it runs no handlers. */
  readonly worker: string | undefined;
  /** Handlers running in this process now. */
  readonly running: number;
  /** Handlers that ignored their signal on {@link stop}, and run on in this process. */
  readonly abandoned: readonly AttemptFacts[];
}
