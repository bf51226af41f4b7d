import type { Registry } from "@bufbuild/protobuf";
import { type Clock, systemClock } from "../core/ports/clock.ts";
import { durationMs } from "../core/value/duration.ts";
import { StatusError } from "../core/error/error.ts";
import { LIMITS } from "../core/limits.ts";
import type { Method } from "../core/method/method.ts";
import type { JsonObject } from "../core/operation/payload.ts";
import { checkOptionNames } from "../core/value/options.ts";
import { type Random, systemRandom } from "../core/ports/random.ts";
import { type RetryOptions, retryPolicy } from "../core/method/retry.ts";
import { OperationError } from "./error.ts";
import { follow } from "./follow.ts";
import { changes, observe } from "./observe.ts";
import type { ClientOperation, StartedResult } from "./operation.ts";
import type { StartItem, StartOptions, UpdatesOptions, WaitOptions } from "./options.ts";
import { type Patience, repeat } from "./repeat.ts";
import { GrpcTransport, isGrpcAddress } from "./grpc/transport.ts";
import { RestTransport } from "./rest/transport.ts";
import { type CallEvent, reportingTransport } from "./reporting-transport.ts";
import type {
  CallOptions,
  CollectionEvent,
  HeaderSource,
  ListCall,
  OperationPage,
  Transport,
  WatchCall,
} from "./transport.ts";
import { watchCollection } from "./watch-collection.ts";
import { type Connection, start, startMany } from "./starts.ts";
import type { OperationOf, RequestTo } from "./typed.ts";

/** The options of {@link createClient}. */
export interface ClientOptions {
  /** The function that sends REST requests. @default the platform's `fetch` */
  readonly fetch?: typeof fetch;
  /**
   * Sent with every call, over gRPC as metadata; a function is called before each call, for tokens
   * that expire.
   */
  readonly headers?: HeaderSource;
  /**
   * The message types of responses, metadata and details, for gRPC. A message of an unknown type
   * becomes `{ "@type": …, value: … }` with its bytes in Base64.
   *
   * @default the well-known types, error details and Google's Operations, which are always known
   */
  readonly types?: Registry;
  /**
   * The retries of calls that may be repeated. @default 5 attempts, 500ms doubling to 10s, on
   * UNAVAILABLE only (AIP-194)
   */
  readonly retry?: RetryOptions;
  /** Called for each attempt of a call, for example to show progress to a user. @default none */
  readonly onCall?: (event: CallEvent) => void;
  readonly clock?: Clock;
  readonly random?: Random;
}

const OPTIONS = {
  fetch: true,
  headers: true,
  types: true,
  retry: true,
  onCall: true,
  clock: true,
  random: true,
} as const satisfies Record<keyof ClientOptions, true>;

/** An operation or its name. A program that stored the name can resume with it. */
export type Reference<Response = unknown, Metadata = JsonObject> =
  | string
  | ClientOperation<Response, Metadata>;

/**
 * A client of a `google.longrunning.Operations` service.
 *
 * Every call rejects with a {@link StatusError}: canonical code, message, reason and details from
 * the server; UNAVAILABLE if there was no answer. If the signal aborts, the call rejects with the
 * signal's reason.
 */
export interface Client {
  /**
   * Starts an operation. For types with a name: `start<typeof createArchive>("createArchive", …)`.
   */
  start<T extends Method = Method>(
    method: T | string,
    request: RequestTo<T>,
    options?: StartOptions,
  ): Promise<OperationOf<T>>;
  /**
   * Starts up to 1000 operations independently; the results have the same order. If the server is
   * unreachable, the client retries only if every start has a request id.
   */
  startMany(items: readonly StartItem[], options?: CallOptions): Promise<readonly StartedResult[]>;
  /** Returns the current state. */
  get<R = unknown, M = JsonObject>(
    operation: Reference<R, M>,
    options?: CallOptions,
  ): Promise<ClientOperation<R, M>>;
  /** Iterates over all operations of one parent, newest first. Pages are fetched on demand. */
  list(call?: ListCall, options?: CallOptions): AsyncIterable<ClientOperation>;
  /** Returns one page of the list. */
  listPage(call?: ListCall, options?: CallOptions): Promise<OperationPage>;
  /**
   * Requests cancellation, without waiting for it. It has no further effect when repeated or late.
   */
  cancel(operation: Reference, options?: CallOptions): Promise<void>;
  /** Removes the record. It does not cancel the work. */
  delete(operation: Reference, options?: CallOptions): Promise<void>;
  /**
   * Waits once at the server: returns the done operation, or the current state after the timeout.
   */
  wait<R = unknown, M = JsonObject>(
    operation: Reference<R, M>,
    options?: WaitOptions,
  ): Promise<ClientOperation<R, M>>;
  /** Waits until the operation is done, however it ends. */
  untilDone<R = unknown, M = JsonObject>(
    operation: Reference<R, M>,
    options?: CallOptions,
  ): Promise<ClientOperation<R, M>>;
  /**
   * Waits for the response of the operation; null if the method has no response.
   *
   * @throws {OperationError} if the operation failed or was cancelled, with its code, reason and
   * details
   */
  result<R = unknown, M = JsonObject>(operation: Reference<R, M>, options?: CallOptions): Promise<R>;
  /**
   * Yields the current operation, then every change of its metadata, and at last the done
   * operation. It watches if the server supports watches.
   */
  updates<R = unknown, M = JsonObject>(
    operation: Reference<R, M>,
    options?: UpdatesOptions,
  ): AsyncIterable<ClientOperation<R, M>>;
  /**
   * Watches a collection: yields the newest 1,000 operations that match, then `initialEnd`, then the changes, without an end. When the
   * stream breaks, it yields all operations again: an operation that does not come before the next `initialEnd` is gone.
   *
   * @throws {StatusError} the error with which the server refuses the watch, such as NOT_FOUND from a server without watches
   */
  watch(call?: WatchCall, options?: CallOptions): AsyncIterable<CollectionEvent>;
  /**
   * Closes the connection of a gRPC client; a later call connects again. Over REST it does nothing.
   * Calling it is optional: an idle connection does not keep a process alive.
   */
  close(): void;
}

/**
 * Creates a client. It sends nothing before the first call, and need not be closed.
 *
 * @param baseUrl for REST such as `http://127.0.0.1:8080`, with a path if a proxy adds one; for
 *   gRPC `grpc://127.0.0.1:8080`, or `grpcs://` with TLS, which browsers do not support
 * @throws {TypeError} for an invalid address or an unknown option
 */
export function createClient(baseUrl: string, options: ClientOptions = {}): Client {
  checkOptionNames("createClient", options, Object.keys(OPTIONS), {
    example: '{ headers: { "x-team": "a" } }',
  });
  const { clock = systemClock, random = systemRandom, headers = {}, types, onCall } = options;
  const transport = isGrpcAddress(baseUrl)
    ? new GrpcTransport(baseUrl, { clock, headers, types })
    : new RestTransport(baseUrl, {
        fetch: options.fetch ?? ((...call) => fetch(...call)),
        clock,
        headers,
      });
  const longest = options.retry?.initialDelay === undefined ? { maxDelay: "10s" as const } : {};
  const policy = retryPolicy({ attempts: 5, initialDelay: "500ms", ...longest, ...options.retry });
  const told = onCall === undefined ? transport : reportingTransport(transport, onCall);
  return clientOver(told, { clock, random, policy });
}

/** The caller chooses the types of payloads; the client cannot verify them. */
function typed<T>(operation: Promise<ClientOperation>): Promise<T> {
  return operation as Promise<T>;
}

/** A client over any transport. */
function clientOver(transport: Transport, patience: Patience): Client {
  const watching = { transport, patience, offered: { watches: true } };
  const client: Client = {
    start: (method, request, options = {}) =>
      typed(start(watching, typeof method === "string" ? method : method.name, request, options)),
    startMany: (items, options = {}) => startMany(watching, items, options),
    get: (operation, options = {}) =>
      typed(repeat(patience, () => transport.get(nameOf(operation), options), options.signal)),
    list: (call = {}, options = {}) => pages(client, call, options),
    listPage: (call = {}, options = {}) =>
      repeat(patience, () => transport.list(call, options), options.signal),
    cancel: (operation, options = {}) =>
      repeat(patience, () => transport.cancel(nameOf(operation), options), options.signal),
    delete: (operation, options = {}) => remove(watching, nameOf(operation), options),
    wait: (operation, { timeout, ...options } = {}) => {
      const timeoutMs = timeout === undefined ? LIMITS.waitMsDefault : durationMs("timeout", timeout);
      return typed(
        repeat(patience, () => transport.wait(nameOf(operation), timeoutMs, options), options.signal),
      );
    },
    untilDone: (operation, options = {}) =>
      typed(last(observe(watching, nameOf(operation), { stepMs: LIMITS.waitMsDefault, ...options }))),
    result: async <R, M>(operation: Reference<R, M>, options: CallOptions = {}) => {
      const ended = await client.untilDone(operation, options);
      if (ended.error !== null) throw new OperationError(ended, ended.error);
      return ended.response as R;
    },
    updates: <R, M>(operation: Reference<R, M>, { step, ...options }: UpdatesOptions = {}) => {
      const name = nameOf(operation);
      const operations =
        step === undefined
          ? follow(watching, name, options)
          : observe(watching, name, { ...options, intervalMsMax: durationMs("step", step) });
      return changes(operations) as AsyncIterable<ClientOperation<R, M>>;
    },
    watch: (call = {}, options = {}) => watchCollection(watching, call, options),
    close: () => transport.close(),
  };
  return client;
}

async function remove(
  { transport, patience }: Connection,
  name: string,
  options: CallOptions,
): Promise<void> {
  const once = async (attempt: number): Promise<void> => {
    try {
      await transport.delete(name, options);
    } catch (error) {
      // The previous attempt may have removed it, and only its answer was lost.
      if (attempt === 1 || !(error instanceof StatusError) || error.code !== "NOT_FOUND") throw error;
    }
  };
  await repeat(patience, once, options.signal);
}

async function* pages(client: Client, call: ListCall, options: CallOptions): AsyncGenerator<ClientOperation> {
  let { pageToken = "" } = call;
  do {
    const page = await client.listPage({ ...call, pageToken }, options);
    yield* page.operations;
    pageToken = page.nextPageToken;
  } while (pageToken !== "");
}

async function last(operations: AsyncIterable<ClientOperation>): Promise<ClientOperation> {
  let latest: ClientOperation | undefined;
  for await (const operation of operations) latest = operation;
  if (latest === undefined) throw new TypeError("Nothing was observed");
  return latest;
}

function nameOf(operation: Reference<unknown, never> | { readonly name: string }): string {
  return typeof operation === "string" ? operation : operation.name;
}
