import type { Server as GrpcServer } from "@grpc/grpc-js";
import type { AttemptFacts, Attempts } from "../core/ports/worker-port.ts";
import { type Clock, systemClock } from "../core/ports/clock.ts";
import { type Duration, durationMs } from "../core/value/duration.ts";
import { DOMAIN_DEFAULT, type StatusError } from "../core/error/error.ts";
import { LIMITS } from "../core/limits.ts";
import { type Log, silentLog } from "../core/ports/log.ts";
import type { DeclaredMethod } from "../core/method/answered-method.ts";
import { isMethod, type Method, type RequestOf } from "../core/method/method.ts";
import { type Random, systemRandom } from "../core/ports/random.ts";
import type { Schema } from "../core/method/schema.ts";
import { stayAlive } from "../core/stay-alive.ts";
import type { Store } from "../core/ports/store.ts";
import { Engine } from "../engine/engine.ts";
import type { ListRequest } from "../engine/list.ts";
import { addServices, GrpcDoor } from "../server/grpc/grpc.ts";
import type { AllowedHosts } from "../server/host.ts";
import { Http2Server } from "../server/http2/http2-server.ts";
import { type RestListener, restListener } from "../server/rest/listener.ts";
import { Shares } from "../server/shares.ts";
import { checkOpenOptions, methodsByName } from "./options.ts";
import { openRpcs } from "./rpcs.ts";
import type { StartedOperation, StartItem, StartOptions } from "./starts.ts";
import { openStore } from "../store/open.ts";
import type { PostgresOptions } from "../store/postgres/open.ts";
import { typedCalls } from "./typed-calls.ts";
import type { TypedOperation } from "./typed-operation.ts";
import { Worker } from "../worker/worker.ts";

/** What {@link openOperations} is given. */
export interface OpenOptions {
  /** The methods to offer and, unless `worker` is false, to run. */
  readonly methods: readonly DeclaredMethod[];
  /** Where operations live: `sqlite:path/to/file.db`, `postgres://user@host/database`, or `sqlite::memory:` for tests. */
  readonly store: string;
  /** How PostgreSQL is used; nothing for other stores. */
  readonly postgres?: PostgresOptions;
  /** Whether this process runs handlers. @default true */
  readonly worker?: boolean;
  /**
   * Whether callers of this process may wait for operations. On PostgreSQL, a process that only runs handlers is spared being
   * told of what others end; whoever waits in it all the same knows of it within a second. @default true
   */
  readonly callers?: boolean;
  /** Handlers at once in this process, over all methods. @default 64 */
  readonly concurrency?: number;
  /** How long a vanished worker's operations wait before another attempt. @default "30s" */
  readonly lease?: Duration;
  /** How long running handlers are given to end on {@link OpenedOperations.stop}. @default "10s" */
  readonly drain?: Duration;
  /** The service's name in discovery and in the `domain` of its errors. @default "longrunning" */
  readonly name?: string;
  /** The service's title in discovery. @default the name */
  readonly title?: string;
  /** The address callers use, where it is not the one they send as Host. Discovery tells it. */
  readonly publicUrl?: string;
  /** Origins whose pages may call from browsers, such as `https://app.example.com`; `*` for all. @default none */
  readonly cors?: readonly string[];
  /** Whether any page may read answers as scripts (`callback=…`), whatever `cors` says. @default false */
  readonly jsonp?: boolean;
  readonly log?: Log;
  readonly clock?: Clock;
  readonly random?: Random;
}

/** An item for each method of a list. */
export type StartItems<T extends readonly Method[]> = { readonly [Index in keyof T]: StartItem<T[Index]> };

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
  /** Serves the REST interface: for `http.createServer`, `server.on("request", …)`, or any framework that takes one. */
  requestListener(): RestListener;
  /**
   * Adds our gRPC services to a server of `@grpc/grpc-js`: `google.longrunning.Operations`, `longrunning.v1.Methods`, and
   * those of methods declared by protos. Health checks and reflection are left to its owner.
   */
  addTo(server: Pick<GrpcServer, "addService">): void;
  /** Serves connections that speak HTTP/2: gRPC, with health checks and reflection, and by `rest` all else. For `serve`. */
  http2Connections(rest: RestListener, allowedHosts?: AllowedHosts): Http2Server;
  /**
   * Refuses new starts, answers who waits, gives running handlers time to end, and closes the store. A handler that ignores its
   * signal is not waited for: its operation is given back, and the process should end before another attempt has gone far.
   */
  stop(options?: { readonly drain?: Duration }): Promise<void>;
  /**
   * Resolves if the store is gone for good, with what happened and what to do: its file was deleted, renamed or replaced.
   * Every call is refused from then on; end the process.
   */
  readonly lost: Promise<StatusError>;
  /** Handlers running in this process now. */
  readonly running: number;
  /** Handlers that ignored their signal on {@link stop}, and run on in this process. */
  readonly abandoned: readonly AttemptFacts[];
}

/**
 * Opens operations over a store: the one place where the rooms of this house meet. Keeps the process running from the call
 * until `stop()`.
 *
 * @throws {TypeError} for options that make no sense, saying which and why
 * @throws {StatusError} when the store cannot be opened, saying what to do
 */
export async function openOperations(options: OpenOptions): Promise<OpenedOperations> {
  checkOpenOptions(options);
  const { clock = systemClock, random = systemRandom, log = silentLog } = options;
  const methods = methodsByName(options.methods.filter(isMethod));
  const { postgres = {} } = options;
  const { promise: lost, resolve: onLost } = Promise.withResolvers<StatusError>();
  // None of our timers keeps a process, and a connection does only while there is one.
  const release = stayAlive();
  try {
    const store = await openStore(options.store, {
      onLost,
      clock,
      random,
      log,
      postgres,
      keepsLeases: options.worker !== false,
      hasCallers: options.callers !== false,
    });
    const parts = { store, lost, methods, clock, random, log, release };
    return await assemble(options, parts).catch(async (error: unknown) => {
      await store.close();
      throw error;
    });
  } catch (error) {
    release();
    throw error;
  }
}

interface Parts {
  readonly store: Store;
  readonly lost: Promise<StatusError>;
  readonly methods: ReadonlyMap<string, Method>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Lets the process end. */
  readonly release: () => void;
}

async function assemble(options: OpenOptions, parts: Parts): Promise<OpenedOperations> {
  const { store, lost, clock, random, log } = parts;
  const { name = DOMAIN_DEFAULT, title = name, publicUrl, cors, jsonp } = options;
  const drainMs = options.drain === undefined ? LIMITS.drainMs : durationMs("drain", options.drain);
  let worker: Worker | undefined;
  const engine = new Engine({
    ...parts,
    domain: name,
    claimant: (attempts) => {
      worker = options.worker === false ? undefined : newWorker(options, parts, attempts);
      return worker;
    },
  });
  const { rpcs, routes } = await openRpcs(options.methods, engine.operations);
  engine.start();
  worker?.start();
  const shares = new Shares(clock);
  const grpc = { name, rpcs, shares, clock, random, log };
  return {
    ...typedCalls(engine.operations),
    addTo: (server) => addServices(server, engine.operations, grpc),
    http2Connections: (rest, allowedHosts) =>
      new Http2Server({ rest, grpc: new GrpcDoor(engine.operations, grpc), allowedHosts, clock }),
    requestListener: () =>
      restListener(engine.operations, {
        name,
        title,
        publicUrl,
        cors,
        jsonp,
        rpcs: routes,
        shares,
        clock,
        random,
        log,
      }),
    stop: stopOnce({ engine, store, worker, release: parts.release }, drainMs),
    lost,
    get running() {
      return worker?.running ?? 0;
    },
    get abandoned() {
      return worker?.abandoned ?? [];
    },
  };
}

/** Stops everything, in the order in which nothing is needed any more. */
function stopOnce(
  parts: Pick<Parts, "store" | "release"> & { readonly engine: Engine; readonly worker: Worker | undefined },
  drainMs: number,
): OpenedOperations["stop"] {
  const { engine, store, worker, release } = parts;
  let stopped: Promise<void> | undefined;
  const stop = async (ms: number): Promise<void> => {
    engine.operations.stop();
    await worker?.stop({ drainMs: ms });
    await engine.stop();
    await store.close();
  };
  return ({ drain } = {}) => {
    const ms = drain === undefined ? drainMs : durationMs("drain", drain);
    // A second call joins the first, and may have less patience.
    if (stopped !== undefined && drain !== undefined) void worker?.stop({ drainMs: ms });
    return (stopped ??= stop(ms).finally(release));
  };
}

function newWorker(options: OpenOptions, parts: Parts, attempts: Attempts): Worker {
  const { methods, clock, random, log } = parts;
  return new Worker({
    attempts,
    methods,
    clock,
    random,
    log,
    // Tells this process's claims from all others.
    name: `worker-${Buffer.from(random.bytes(6)).toString("hex")}`,
    domain: options.name ?? DOMAIN_DEFAULT,
    concurrency: options.concurrency ?? LIMITS.concurrency,
    leaseMs: options.lease === undefined ? LIMITS.leaseMs : durationMs("lease", options.lease),
  });
}
