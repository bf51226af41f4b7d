import { type Caller, callerText } from "../../core/caller.ts";
import type { Claimant, Reservation } from "../../core/ports/worker-port.ts";
import type { Clock } from "../../core/ports/clock.ts";
import { checkOneParent } from "../../core/operation/collection.ts";
import { serviceError } from "../../core/error/error.ts";
import { IdSource, shardOfParallel, shardOfRequest } from "../../core/operation/id.ts";
import { invariant } from "../../core/invariant.ts";
import type { Method } from "../../core/method/method.ts";
import { formatName } from "../../core/operation/name.ts";
import { isDone, type Operation } from "../../core/operation/operation.ts";
import type { ParallelPolicy } from "../../core/method/parallel.ts";
import { EMPTY } from "../../core/operation/payload.ts";
import { readableRequest } from "../../core/operation/sealed.ts";
import type { Random } from "../../core/ports/random.ts";
import type { CallerTransaction } from "../../core/ports/caller-transaction.ts";
import type { InsertAnswer, InsertCommand } from "../../core/ports/store.ts";
import type { Tracing } from "../../core/ports/tracing.ts";
import { create, transition } from "../../core/operation/transition.ts";
import { keptTraceContext } from "../../core/trace-context.ts";
import type { Validations } from "../../core/method/validation.ts";
import type { Beginnings } from "../waiting/beginnings.ts";
import type { Records } from "../records.ts";
import type { TimelyAnswers } from "../timely-answers.ts";
import { callbackOf } from "./callback.ts";
import {
  delayOf,
  isValidateOnly,
  ofMethod,
  parallelKeyOf,
  parallelLimitReached,
  priorityOf,
  requestIdOf,
  requestText,
  type StartRequest,
  targetOf,
  timeToLiveOf,
  validateRequest,
} from "./request.ts";

/** The parts of {@link Starting}. */
export interface StartingParts {
  readonly methods: ReadonlyMap<string, Method>;
  /** Built-in methods of the service. @default none */
  readonly builtIns?: ReadonlyMap<string, Method> | undefined;
  readonly records: Records;
  readonly beginnings: Beginnings;
  readonly clock: Clock;
  readonly random: Random;
  readonly validations: Validations;
  readonly timely: TimelyAnswers;
  /** A worker of this process that may run the started operations immediately. */
  readonly claimant?: Claimant | undefined;
  /** @default no tracing */
  readonly tracing?: Tracing | undefined;
  /** Whether the server refuses new starts. */
  readonly stopping: () => boolean;
}

/** Options for the start of one operation. */
export interface StartSetting {
  /** Whether a worker of this process may run it immediately. @default true */
  readonly handOver?: boolean;
  /** Awaited after the validation of the request and before the start. */
  readonly after?: Promise<void>;
  /** Stores additional data before the operation. */
  readonly beside?: (name: string) => Promise<void>;
  /** Whether the method may be a built-in one, which callers cannot start. @default false */
  readonly builtIn?: boolean;
}

/** A start with a validated request. */
export interface ReadStart {
  readonly start: StartRequest;
  readonly method: Method;
  /** The output of the request schema. */
  readonly validated: unknown;
  readonly parent: string;
}

/** Starts operations: from the caller's request to the stored record. */
export class Starting {
  readonly #parts: StartingParts;
  readonly #ids: IdSource;

  constructor(parts: StartingParts) {
    this.#parts = parts;
    this.#ids = new IdSource(parts.random, parts.records.store.neighbours?.origin);
  }

  /**
   * Starts an operation durably: once this resolves, it exists and will be run.
   *
   * @returns the operation; for a repeated request id the existing one; for `validateOnly` a done
   * operation without id
   * @throws {StatusError} NOT_FOUND METHOD_NOT_FOUND; INVALID_ARGUMENT REQUEST_INVALID, NAME_INVALID, REQUEST_ID_INVALID,
   *   REQUEST_ID_REUSED, TIME_TO_LIVE_INVALID, DELAY_INVALID, PRIORITY_INVALID, CALLBACK_URL_INVALID; ABORTED PARALLEL_LIMIT_REACHED;
   *   UNAVAILABLE SHUTTING_DOWN, STORE_UNAVAILABLE, STORE_LOCKED
   */
  async start(caller: Caller, start: StartRequest, setting: StartSetting): Promise<Operation> {
    return this.begin(caller, await this.read(start, setting), setting);
  }

  /** Whether the parent of the operation must be derived from the request. */
  findsParentInRequest({ method, parent }: StartRequest): boolean {
    return parent === undefined || parent === "" ? this.#parts.methods.get(method)?.rpc !== undefined : false;
  }

  /** The first half of {@link start}: validates the request and finds the operation's parent. */
  async read(start: StartRequest, { after, builtIn = false }: StartSetting): Promise<ReadStart> {
    const own = builtIn ? this.#parts.builtIns?.get(start.method) : undefined;
    const method = own ?? this.#method(start.method);
    const given = checkOneParent(start.parent ?? "");
    const validated = await validateRequest(method, start.request, this.#parts.validations);
    if (after !== undefined) await after;
    const made = given === "" ? ofMethod(method, "parent", () => method.parent(validated)) : given;
    return { start, method, validated, parent: checkOneParent(made) };
  }

  /** The second half: creates the operation and stores it. */
  begin(caller: Caller, read: ReadStart, options: StartSetting): Promise<Operation> {
    const { tracing } = this.#parts;
    const kept = keptTraceContext(caller.traceparent);
    if (tracing === undefined) return this.#begin(caller, read, options, kept);
    return tracing.start(read.method.name, (own) => this.#begin(caller, read, options, own ?? kept));
  }

  async #begin(
    caller: Caller,
    read: ReadStart,
    options: StartSetting,
    traceContext: string | null,
  ): Promise<Operation> {
    const { start, method, validated, parent } = read;
    const requestId = requestIdOf(start, validated);
    const callbackUrl = callbackOf(start, parent, this.#parts.records.deliveries);
    const now = this.#parts.records.store.time();
    const timeToLiveMs = timeToLiveOf(start, method);
    const availableTime = now + delayOf(start);
    const parallelKey = parallelKeyOf(method, validated);
    const asked = { parent, method: method.name, requestId, parallelKey };
    const operation = create({
      id: this.#ids.next(now, this.#shardOf(asked), timeToLiveMs),
      parent,
      method: method.name,
      requestId,
      request: requestText(method, start.request),
      target: targetOf(method, validated),
      attemptsMax: method.retry.attempts,
      createTime: now,
      timeToLiveMs,
      deadlineTime: method.deadlineMs === null ? null : availableTime + method.deadlineMs,
      availableTime,
      priority: priorityOf(start),
      parallelKey,
      caller: callerText(caller, callbackUrl),
      traceContext,
    });
    if (isValidateOnly(start, validated)) return validatedOnly(operation, method);
    if (this.#parts.stopping())
      throw serviceError("SHUTTING_DOWN", "The server is stopping; start the operation elsewhere or again.");
    if (options.beside !== undefined) await options.beside(formatName(operation));
    if (start.transaction !== undefined)
      return this.#insertWithin(start.transaction, operation, method.parallel);
    const { timely, claimant } = this.#parts;
    if (method.parallel !== null) return timely.of(this.#insertLimited(operation, method.parallel));
    const handOver = availableTime === now && options.handOver !== false;
    return timely.of(this.#insert(operation, handOver ? claimant?.reserve(method.name, parent) : undefined));
  }

  /** Undefined for any shard. */
  #shardOf({
    parent,
    method,
    requestId,
    parallelKey,
  }: Pick<Operation, "parent" | "method" | "requestId" | "parallelKey">): number | undefined {
    if (parallelKey !== null && this.#parts.records.store.keysHaveShards === true)
      return shardOfParallel(method, parallelKey);
    return requestId === null ? undefined : shardOfRequest(parent, method, requestId);
  }

  #method(name: string): Method {
    const method = this.#parts.methods.get(name);
    if (method !== undefined) return method;
    throw serviceError("METHOD_NOT_FOUND", `Method "${name.slice(0, 100)}" is not declared.`, {
      metadata: { method: name.slice(0, 100) },
    });
  }

  async #insert(pending: Operation, reservation: Reservation | undefined): Promise<Operation> {
    const calledAt = this.#parts.clock.monotonic();
    const { records } = this.#parts;
    const operation =
      reservation === undefined ? pending : claimed(pending, reservation, records.timeBounds().latest);
    const answer = await this.#write({ verb: "insert", operation }).catch((error: unknown) => {
      reservation?.cancel();
      throw error;
    });
    if (!answer.inserted) {
      reservation?.cancel();
      invariant(answer.occupied === undefined, "nothing is occupied where nothing is limited");
      return same(answer.existing, pending);
    }
    // Only after the caller has its answer, because a handler may block the event loop at once.
    if (reservation !== undefined) this.#parts.clock.soon(() => reservation.run(operation, calledAt));
    return operation;
  }

  /** Never stored as claimed, because the store decides whether it is blocked. */
  async #insertLimited(operation: Operation, { limit, when }: ParallelPolicy): Promise<Operation> {
    const answer = await this.#write({ verb: "insert", operation, parallel: { limit, when } });
    return limited(operation, answer, limit);
  }

  async #write(command: InsertCommand): Promise<InsertAnswer> {
    const { records, beginnings } = this.#parts;
    const { id, parent } = command.operation;
    // Before the write: another process may announce the end before the answer to the write
    // arrives.
    beginnings.remember(id, parent);
    let inserted = false;
    try {
      const answer = await records.write(command);
      if (answer.inserted) {
        inserted = true;
        records.tellStart(command.operation);
      } else if (answer.existing !== undefined && isDone(answer.existing))
        beginnings.forget(answer.existing.id);
      return answer;
    } finally {
      if (!inserted) beginnings.forget(id);
    }
  }

  /** Never stored as claimed, and not remembered: the caller may commit much later, or never. */
  async #insertWithin(
    transaction: CallerTransaction,
    operation: Operation,
    parallel: ParallelPolicy | null,
  ): Promise<Operation> {
    const { store, tally } = this.#parts.records;
    if (store.insertWithin === undefined)
      throw new TypeError(
        "Cannot start in a transaction: the store is not in PostgreSQL, where transactions can be shared",
      );
    const limit = parallel === null ? {} : { parallel: { limit: parallel.limit, when: parallel.when } };
    const answer = await store.insertWithin(transaction, { verb: "insert", operation, ...limit });
    // The commit of the caller's transaction is not announced.
    if (answer.inserted) tally?.started(operation);
    return limited(operation, answer, parallel?.limit ?? 0);
  }
}

/** @param latest the latest possible time on the store's clock */
function claimed(
  pending: Operation,
  { worker, leaseMs }: Pick<Reservation, "worker" | "leaseMs">,
  latest: number,
): Operation {
  const now = pending.createTime;
  const { next } = transition(pending, { type: "claim", now, worker, leaseTime: latest + leaseMs });
  invariant(next !== undefined, "a new operation can be claimed");
  return next;
}

/** The result of a start with a limit. */
function limited(operation: Operation, answer: InsertAnswer, limit: number): Operation {
  if (answer.inserted) return { ...operation, blocked: answer.blocked };
  if (answer.occupied === undefined) return same(answer.existing, operation);
  throw parallelLimitReached(operation.method, operation.parallelKey ?? "", limit);
}

/** The existing operation of a request id, if the requests are equal. */
function same(existing: Operation, asked: Operation): Operation {
  if (readableRequest(existing) === asked.request) return existing;
  throw serviceError(
    "REQUEST_ID_REUSED",
    `Request id "${asked.requestId}" was used with another request; give a new one for a new operation.`,
    { metadata: { requestId: asked.requestId ?? "", operation: formatName(existing) } },
  );
}

/**
 * The answer to `validateOnly`: done, with a valid, empty response, and without a name because
 * nothing is stored (AIP-151).
 */
function validatedOnly(operation: Operation, method: Method): Operation {
  const atOnce = { ...operation, availableTime: operation.createTime };
  const { next } = transition(claimed(atOnce, { worker: "", leaseMs: 1 }, atOnce.createTime), {
    type: "complete",
    now: operation.createTime,
    attempt: 1,
    response: method.response === undefined ? EMPTY : method.codec.empty,
  });
  invariant(next !== undefined, "a claimed operation can be completed");
  return { ...next, id: "" };
}
