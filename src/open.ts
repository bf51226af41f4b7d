import type { IncomingMessage, ServerResponse } from "node:http";
import type { Attempts } from "./core/attempts.ts";
import { type Clock, systemClock } from "./core/clock.ts";
import { type Duration, durationMs } from "./core/duration.ts";
import { DOMAIN_DEFAULT } from "./core/error.ts";
import { LIMITS } from "./core/limits.ts";
import { type Log, silentLog } from "./core/log.ts";
import type { Method, RequestOf } from "./core/method.ts";
import { type Random, systemRandom } from "./core/random.ts";
import type { Schema } from "./core/schema.ts";
import type { Store } from "./core/store.ts";
import { Engine } from "./engine/engine.ts";
import type { ListRequest } from "./engine/list.ts";
import type { Operations as UseCases } from "./engine/operations.ts";
import { restListener } from "./server/rest/listener.ts";
import { openStore } from "./store/open.ts";
import { type TypedOperation, typedOperation } from "./typed-operation.ts";
import { Worker } from "./worker/worker.ts";

/** What {@link openOperations} is given. */
export interface OpenOptions {
  /** The methods to offer and, unless `worker` is false, to run. */
  readonly methods: readonly Method[];
  /** Where operations live: `sqlite:path/to/file.db`, or `sqlite::memory:` for tests. */
  readonly store: string;
  /** Whether this process runs handlers. @default true */
  readonly worker?: boolean;
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

/** How to start one operation. */
export interface StartOptions {
  /** The collection to put it under, such as `projects/p/locations/l`. @default "" */
  readonly parent?: string;
  /** Makes a repeated start the same start, as long as the operation is kept. */
  readonly requestId?: string;
  /** Checks everything and starts nothing. */
  readonly validateOnly?: boolean;
  /** How long to keep the finished operation, within the method's bounds. */
  readonly timeToLive?: Duration;
}

/** Operations, open for use in this process and for serving. */
export interface OpenedOperations {
  /** Starts an operation of a declared method; it is durable once this resolves. */
  start<Q extends Schema, R extends Schema | undefined, M extends Schema | undefined>(
    method: Method<Q, R, M>,
    request: RequestOf<Q>,
    options?: StartOptions,
  ): Promise<TypedOperation<R, M>>;
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
  requestListener(): (request: IncomingMessage, response: ServerResponse) => void;
  /** Refuses new starts, answers who waits, gives running handlers time to end, and closes the store. */
  stop(options?: { readonly drain?: Duration }): Promise<void>;
  /** Handlers running in this process now. */
  readonly running: number;
}

/**
 * Opens operations over a store: the one place where the rooms of this house meet.
 *
 * @throws {TypeError} for options that make no sense, saying which and why
 * @throws {StatusError} when the store cannot be opened, saying what to do
 */
export async function openOperations(options: OpenOptions): Promise<OpenedOperations> {
  const { clock = systemClock, random = systemRandom, log = silentLog } = options;
  const methods = byName(options.methods);
  const store = await openStore(options.store, { clock, random, log });
  return assemble(options, { store, methods, clock, random, log });
}

interface Parts {
  readonly store: Store;
  readonly methods: ReadonlyMap<string, Method>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

function assemble(options: OpenOptions, parts: Parts): OpenedOperations {
  const { store, clock, random, log } = parts;
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
  engine.start();
  worker?.start();
  let stopped: Promise<void> | undefined;
  return {
    ...typedCalls(engine.operations),
    requestListener: () =>
      restListener(engine.operations, { name, title, publicUrl, cors, jsonp, clock, random, log }),
    stop: (how = {}) =>
      (stopped ??= (async () => {
        const ms = how.drain === undefined ? drainMs : durationMs("drain", how.drain);
        engine.operations.stop();
        await worker?.stop({ drainMs: ms });
        await engine.stop();
        await store.close();
      })()),
    get running() {
      return worker?.running ?? 0;
    },
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
    name: workerName(random),
    domain: options.name ?? DOMAIN_DEFAULT,
    concurrency: options.concurrency ?? LIMITS.concurrency,
    leaseMs: options.lease === undefined ? LIMITS.leaseMs : durationMs("lease", options.lease),
  });
}

function typedCalls(
  useCases: UseCases,
): Pick<OpenedOperations, "start" | "get" | "list" | "cancel" | "delete" | "wait"> {
  return {
    start: async (method, request, options = {}) => {
      const { timeToLive, ...start } = options;
      const timeToLiveMs = timeToLive === undefined ? undefined : durationMs("timeToLive", timeToLive);
      return typedOperation(await useCases.start({ ...start, method: method.name, request, timeToLiveMs }));
    },
    get: async (name) => typedOperation(await useCases.get(name)),
    list: async (request = {}) => {
      const page = await useCases.list({ parent: "", ...request });
      return {
        operations: page.operations.map((operation) => typedOperation(operation)),
        nextPageToken: page.nextPageToken,
      };
    },
    cancel: (name) => useCases.cancel(name),
    delete: (name) => useCases.delete(name),
    wait: async (name, { timeout, signal } = {}) => {
      const timeoutMs = timeout === undefined ? undefined : durationMs("timeout", timeout);
      return typedOperation(await useCases.wait(name, { timeoutMs, signal }));
    },
  };
}

function byName(methods: readonly Method[]): ReadonlyMap<string, Method> {
  const named = new Map<string, Method>();
  for (const method of methods) {
    if (named.has(method.name))
      throw new TypeError(`Method "${method.name}" is declared twice; give one another name`);
    named.set(method.name, method);
  }
  return named;
}

/** Tells this process's claims from all others. */
function workerName(random: Random): string {
  return `worker-${Buffer.from(random.bytes(6)).toString("hex")}`;
}
