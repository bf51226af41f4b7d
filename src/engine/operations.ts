import type { Claimant, Reservation } from "../core/attempts.ts";
import type { Clock } from "../core/clock.ts";
import { serviceError } from "../core/error.ts";
import { IdSource, isId, shardOfRequest } from "../core/id.ts";
import { invariant } from "../core/invariant.ts";
import { LIMITS } from "../core/limits.ts";
import type { Method } from "../core/method.ts";
import { checkParent, formatName, type OperationName, parseCollection, parseName } from "../core/name.ts";
import { isDone, type Operation } from "../core/operation.ts";
import { pageSize } from "../core/page.ts";
import { canonicalJson, EMPTY, STRUCT } from "../core/payload.ts";
import type { Random } from "../core/random.ts";
import { create, transition } from "../core/transition.ts";
import { openPageToken, sealPageToken } from "./page-token.ts";
import type { Records } from "./records.ts";
import { isValidateOnly, requestIdOf, type StartRequest, timeToLiveOf, validateRequest } from "./request.ts";
import type { Waiters } from "./waiters.ts";

/** What a list asks for. */
export interface ListRequest {
  /** The parent; `""`, `operations`, `P` and `P/operations` are all understood (contract section 1.7). */
  readonly parent: string;
  /** 0 or left out for the default; above the maximum is lowered silently (AIP-158). */
  readonly pageSize?: number | undefined;
  /** From the page before; empty or left out for the first. */
  readonly pageToken?: string | undefined;
  /** AIP-160. Not supported yet: anything but empty is refused. */
  readonly filter?: string | undefined;
  /** Means something for lists over several collections only, which are not supported yet. */
  readonly returnPartialSuccess?: boolean | undefined;
}

/** A page of a list, newest operation first. */
export interface ListPage {
  readonly operations: readonly Operation[];
  /** Empty at the end of the list, and only there. */
  readonly nextPageToken: string;
}

/** What the use cases are made with. */
export interface OperationsParts {
  readonly methods: ReadonlyMap<string, Method>;
  readonly records: Records;
  readonly waiters: Waiters;
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
    const parent = checkParent(start.parent ?? "");
    const validated = await validateRequest(method, start.request);
    const requestId = requestIdOf(start, validated);
    const now = this.#records.store.time();
    const operation = create({
      id: this.#ids.next(
        now,
        requestId === null ? undefined : shardOfRequest(parent, method.name, requestId),
      ),
      parent,
      method: method.name,
      requestId,
      request: canonicalJson(start.request),
      target: method.target(validated),
      attemptsMax: method.retry.attempts,
      createTime: now,
      timeToLiveMs: timeToLiveOf(start, method),
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
   * @throws {StatusError} NOT_FOUND OPERATION_NOT_FOUND, also for what is no operation's name
   */
  async get(name: string): Promise<Operation> {
    const wanted = nameOf(name);
    const operation = await this.#records.read(wanted.id);
    if (operation === undefined || operation.parent !== wanted.parent) throw notFound(name);
    return operation;
  }

  /**
   * Operations of one parent, newest first.
   *
   * @throws {StatusError} INVALID_ARGUMENT NAME_INVALID, PAGE_SIZE_INVALID, PAGE_TOKEN_INVALID, FILTER_INVALID;
   *   UNIMPLEMENTED PARTIAL_SUCCESS_UNSUPPORTED
   */
  async list(request: ListRequest): Promise<ListPage> {
    const parent = checkParent(parseCollection(request.parent));
    const size = pageSize(request.pageSize);
    if (request.returnPartialSuccess === true) {
      throw serviceError(
        "PARTIAL_SUCCESS_UNSUPPORTED",
        "This list comes from one place and is never partial.",
      );
    }
    if (request.filter !== undefined && request.filter !== "") {
      throw serviceError("FILTER_INVALID", "Filters are not supported yet; leave the filter out.");
    }
    const { store } = this.#records;
    const list = JSON.stringify([parent]);
    const token = request.pageToken ?? "";
    const beforeId = token === "" ? null : openPageToken(token, list, store.key, store.time()).beforeId;
    const found = await store.list({ parent, beforeId, limit: size + 1 });
    const operations = fitting(found.slice(0, size));
    const last = operations.at(-1);
    if (last === undefined || operations.length === found.length) return { operations, nextPageToken: "" };
    const position = { list, beforeId: last.id };
    return { operations, nextPageToken: sealPageToken(position, store.key, store.time(), this.#random) };
  }

  /**
   * Asks for cancellation: a pending operation ends at once, a running one is told. Harmless when repeated or late.
   *
   * @throws {StatusError} NOT_FOUND OPERATION_NOT_FOUND; ABORTED CONTENTION
   */
  async cancel(name: string): Promise<void> {
    const { id } = await this.get(name);
    const now = this.#records.store.time();
    const changed = await this.#records.change(id, (operation) =>
      transition(operation, { type: "cancel", now }, this.#domain),
    );
    if (changed.operation === undefined) throw notFound(name);
  }

  /**
   * Removes the record. Does not cancel the work; the result of a running operation is dropped.
   *
   * @throws {StatusError} NOT_FOUND OPERATION_NOT_FOUND
   */
  async delete(name: string): Promise<void> {
    const { id, parent } = nameOf(name);
    const { removed } = await this.#records.write({ verb: "remove", id, parent });
    if (!removed) throw notFound(name);
  }

  /**
   * Waits until the operation is done, the timeout has passed, the caller hangs up or the server stops, and answers the
   * latest state in each case.
   *
   * @param options.timeoutMs @default `LIMITS.waitMsDefault`; at most `LIMITS.waitMsMax` is waited
   * @param options.signal aborts when the caller hangs up
   * @throws {StatusError} NOT_FOUND OPERATION_NOT_FOUND, also when it is deleted meanwhile;
   *   RESOURCE_EXHAUSTED TOO_MANY_WAITERS
   */
  async wait(
    name: string,
    options: { readonly timeoutMs?: number | undefined; readonly signal?: AbortSignal | undefined } = {},
  ): Promise<Operation> {
    const { id } = nameOf(name);
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

function nameOf(name: string): OperationName {
  const parsed = parseName(name);
  if (parsed === undefined || !isId(parsed.id)) throw notFound(name);
  return parsed;
}

function notFound(name: string): Error {
  const shown = name.slice(0, LIMITS.nameLengthMax);
  return serviceError("OPERATION_NOT_FOUND", `Operation "${shown}" was not found.`, {
    metadata: { operation: shown },
  });
}

/** As many operations as stay below the size of a page, and one at least. */
function fitting(operations: readonly Operation[]): readonly Operation[] {
  let bytes = 0;
  const end = operations.findIndex((operation, index) => {
    bytes += (operation.metadata?.json.length ?? 0) + (operation.response?.json.length ?? 0);
    return bytes > LIMITS.pageBytesMax && index > 0;
  });
  return end === -1 ? operations : operations.slice(0, end);
}
