import type { Claimant, Reservation } from "../core/attempts.ts";
import type { Clock } from "../core/clock.ts";
import { checkOneParent } from "../core/collection.ts";
import { serviceError } from "../core/error.ts";
import { IdSource, shardOfRequest } from "../core/id.ts";
import { invariant } from "../core/invariant.ts";
import { LIMITS } from "../core/limits.ts";
import type { Method } from "../core/method.ts";
import { formatName } from "../core/name.ts";
import { isDone, type Operation } from "../core/operation.ts";
import { canonicalJson, EMPTY, STRUCT } from "../core/payload.ts";
import type { Random } from "../core/random.ts";
import type { Change } from "../core/store.ts";
import { create, transition } from "../core/transition.ts";
import { type ListPage, type ListRequest, listPage } from "./list.ts";
import { missing, notFound, operationNameOf } from "./missing.ts";
import type { PollIntervals } from "./poll-intervals.ts";
import type { Records } from "./records.ts";
import { isValidateOnly, requestIdOf, type StartRequest, timeToLiveOf, validateRequest } from "./request.ts";
import type { Waiters } from "./waiters.ts";

/** What the use cases are made with. */
export interface OperationsParts {
  readonly methods: ReadonlyMap<string, Method>;
  readonly records: Records;
  readonly waiters: Waiters;
  readonly pollIntervals: PollIntervals;
  readonly clock: Clock;
  readonly random: Random;
  /** The service's name, for the ErrorInfo of operations' errors. */
  readonly domain: string;
  /** A worker in this process that may run what is started here, where there is one. */
  readonly claimant?: Claimant | undefined;
}

/**
 * The use cases: what callers can do with operations. Every edge (REST, gRPC, in process) calls these and nothing else.
 *
 * @see google/longrunning/operations.proto; contract section 1.3; AIP-151
 */
export class Operations {
  /** The declared methods by name. */
  readonly methods: ReadonlyMap<string, Method>;
  readonly #records: Records;
  readonly #waiters: Waiters;
  readonly #pollIntervals: PollIntervals;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #claimant: Claimant | undefined;
  readonly #domain: string;
  readonly #ids: IdSource;
  #stopping = false;

  constructor(parts: OperationsParts) {
    this.methods = parts.methods;
    this.#records = parts.records;
    this.#waiters = parts.waiters;
    this.#pollIntervals = parts.pollIntervals;
    this.#clock = parts.clock;
    this.#random = parts.random;
    this.#claimant = parts.claimant;
    this.#domain = parts.domain;
    this.#ids = new IdSource(parts.random);
  }

  /**
   * Starts an operation, durably: it exists once this resolves, and it will be run.
   *
   * @returns the operation; for a repeated request id the one that is kept; for `validateOnly` a finished one without id
   * @throws {StatusError} NOT_FOUND METHOD_NOT_FOUND; INVALID_ARGUMENT REQUEST_INVALID, NAME_INVALID, REQUEST_ID_INVALID,
   *   REQUEST_ID_REUSED, TIME_TO_LIVE_INVALID; UNAVAILABLE SHUTTING_DOWN, STORE_UNAVAILABLE
   */
  async start(start: StartRequest): Promise<Operation> {
    const method = this.#method(start.method);
    const parent = checkOneParent(start.parent ?? "");
    const validated = await validateRequest(method, start.request);
    const requestId = requestIdOf(start, validated);
    const now = this.#records.store.time();
    const timeToLiveMs = timeToLiveOf(start, method);
    const shard = requestId === null ? undefined : shardOfRequest(parent, method.name, requestId);
    const operation = create({
      id: this.#ids.next(now, shard, timeToLiveMs),
      parent,
      method: method.name,
      requestId,
      request: canonicalJson(start.request),
      target: method.target(validated),
      attemptsMax: method.retry.attempts,
      createTime: now,
      timeToLiveMs,
      deadlineTime: method.deadlineMs === null ? null : now + method.deadlineMs,
    });
    if (isValidateOnly(start, validated)) return validatedOnly(operation, method);
    if (this.#stopping)
      throw serviceError("SHUTTING_DOWN", "The server is stopping; start the operation elsewhere or again.");
    return this.#insert(operation, this.#claimant?.reserve(method.name));
  }

  /**
   * The latest state of an operation.
   *
   * @param name `operations/{id}` or `{parent}/operations/{id}`
   * @throws {StatusError} NOT_FOUND OPERATION_EXPIRED; OPERATION_NOT_FOUND, also for what is no operation's name
   */
  async get(name: string): Promise<Operation> {
    const { id, parent } = operationNameOf(name);
    const operation = await this.#records.read(id);
    if (operation === undefined) throw missing(name, id, this.#records.store.time());
    if (operation.parent !== parent) throw notFound(name);
    return operation;
  }

  /**
   * A page of operations, of one collection or across several; newest first by default.
   *
   * @throws {StatusError} as `listPage` does
   */
  list(request: ListRequest): Promise<ListPage> {
    return listPage(request, this.#records.store, this.#random);
  }

  /**
   * Asks for cancellation: a pending operation ends at once, a running one is told. Harmless when repeated or late.
   *
   * @throws {StatusError} NOT_FOUND OPERATION_NOT_FOUND, OPERATION_EXPIRED; ABORTED CONTENTION
   */
  async cancel(name: string): Promise<void> {
    const { id } = await this.get(name);
    const now = this.#records.store.time();
    const changed = await this.#records.change(id, (operation) =>
      transition(operation, { type: "cancel", now }, this.#domain),
    );
    if (changed.operation === undefined) throw missing(name, id, now);
  }

  /**
   * Removes the record. Does not cancel the work; the result of a running operation is dropped.
   *
   * @throws {StatusError} NOT_FOUND OPERATION_NOT_FOUND, OPERATION_EXPIRED
   */
  async delete(name: string): Promise<void> {
    const { id, parent } = operationNameOf(name);
    const { removed } = await this.#records.write({ verb: "remove", id, parent });
    if (removed) return;
    // One that is kept is under another parent.
    const kept = await this.#records.read(id);
    throw kept === undefined ? missing(name, id, this.#records.store.time()) : notFound(name);
  }

  /**
   * Waits until the operation is done, the timeout has passed, the caller hangs up or the server stops, and answers the
   * latest state in each case.
   *
   * @param options.timeoutMs @default `LIMITS.waitMsDefault`; at most `LIMITS.waitMsMax` is waited
   * @param options.signal aborts when the caller hangs up
   * @throws {StatusError} NOT_FOUND OPERATION_NOT_FOUND, also when it is deleted meanwhile, OPERATION_EXPIRED;
   *   RESOURCE_EXHAUSTED TOO_MANY_WAITERS
   */
  async wait(
    name: string,
    options: { readonly timeoutMs?: number | undefined; readonly signal?: AbortSignal | undefined } = {},
  ): Promise<Operation> {
    const { id } = operationNameOf(name);
    const timeoutMs = Math.min(options.timeoutMs ?? LIMITS.waitMsDefault, LIMITS.waitMsMax);
    const ticket = this.#waiters.enter(id, timeoutMs, options.signal);
    try {
      const operation = await this.get(name);
      if (isDone(operation)) return operation;
      await ticket.released;
      return options.signal?.aborted === true ? operation : await this.get(name);
    } finally {
      ticket.leave();
    }
  }

  /** Whether the server is stopping: what is told from then on may be out of date. */
  get stopping(): boolean {
    return this.#stopping;
  }

  /** Tells of changes, before the caller of the write is answered. @returns takes the listener off */
  watch(listener: (changes: readonly Change[]) => void): () => void {
    return this.#records.store.watch(listener);
  }

  /** How long we recommend to wait before the next poll of an operation that is not done. */
  pollIntervalMs(operation: Operation): number {
    return this.#pollIntervals.of(operation);
  }

  /** Refuses new starts from now on and answers everybody who waits. */
  stop(): void {
    this.#stopping = true;
    this.#waiters.stop();
  }

  #method(name: string): Method {
    const method = this.methods.get(name);
    if (method !== undefined) return method;
    throw serviceError("METHOD_NOT_FOUND", `Method "${name.slice(0, 100)}" is not declared.`, {
      metadata: { method: name.slice(0, 100) },
    });
  }

  async #insert(pending: Operation, reservation: Reservation | undefined): Promise<Operation> {
    const calledAt = this.#clock.monotonic();
    const operation = reservation === undefined ? pending : claimed(pending, reservation);
    const answer = await this.#records.write({ verb: "insert", operation }).catch((error: unknown) => {
      reservation?.cancel();
      throw error;
    });
    if (!answer.inserted) {
      reservation?.cancel();
      return same(answer.existing, pending);
    }
    // Not before the caller has been answered: a handler may block the event loop from its first line on.
    if (reservation !== undefined) this.#clock.soon(() => reservation.run(operation, calledAt));
    return operation;
  }
}

function claimed(pending: Operation, { worker, leaseMs }: Reservation): Operation {
  const now = pending.createTime;
  const { next } = transition(pending, { type: "claim", now, worker, leaseTime: now + leaseMs });
  invariant(next !== undefined, "a new operation can be claimed");
  return next;
}

/** The operation kept under a request id, if it was started by the same request. */
function same(existing: Operation, asked: Operation): Operation {
  if (existing.request === asked.request) return existing;
  throw serviceError(
    "REQUEST_ID_REUSED",
    `Request id "${asked.requestId}" was used with another request; give a new one for a new operation.`,
    { metadata: { requestId: asked.requestId ?? "", operation: formatName(existing) } },
  );
}

/** What `validateOnly` answers: done, with a valid, empty response, and no name since nothing is kept (AIP-151). */
function validatedOnly(operation: Operation, method: Method): Operation {
  const { next } = transition(claimed(operation, { worker: "", leaseMs: 1 } as Reservation), {
    type: "complete",
    now: operation.createTime,
    attempt: 1,
    response: method.response === undefined ? EMPTY : { type: STRUCT, json: "{}" },
  });
  invariant(next !== undefined, "a claimed operation can be completed");
  return { ...next, id: "" };
}
