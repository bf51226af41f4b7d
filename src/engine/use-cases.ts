import type { AnswerContext, AnsweredMethod } from "../core/method/answered-method.ts";
import type { Claimant } from "../core/ports/worker-port.ts";
import type { Clock } from "../core/ports/clock.ts";
import { violationsText } from "../core/error/violations.ts";
import { LIMITS } from "../core/limits.ts";
import type { Method } from "../core/method/method.ts";
import { isDone, type Operation } from "../core/operation/operation.ts";
import type { Random } from "../core/ports/random.ts";
import type { Tracing } from "../core/ports/tracing.ts";
import type { AbortSource, WaitingConnection } from "../core/ports/abort.ts";
import type { Along, Change } from "../core/ports/store.ts";
import { verbsOf } from "../core/filter/verbs.ts";
import { transition } from "../core/operation/transition.ts";
import { Validations } from "../core/method/validation.ts";
import type { Beginnings } from "./waiting/beginnings.ts";
import { type ListPage, type ListRequest, listPage } from "./listing/list.ts";
import { missingError, operationNameOf } from "./missing.ts";
import type { PollIntervals } from "./poll-intervals.ts";
import type { Records } from "./records.ts";
import { validateRequest } from "./starting/request.ts";
import { Starting } from "./starting/starting.ts";
import { TimelyAnswers } from "./timely-answers.ts";
import type { Waiters } from "./waiting/waiters.ts";
import type { Watching } from "./watching/watching.ts";

/** The parts of {@link UseCases}. */
export interface UseCasesParts {
  readonly methods: ReadonlyMap<string, Method>;
  /** Built-in methods of the service. @default none */
  readonly builtIns?: ReadonlyMap<string, Method> | undefined;
  readonly records: Records;
  readonly waiters: Waiters;
  readonly watching: Watching;
  readonly beginnings: Beginnings;
  readonly pollIntervals: PollIntervals;
  readonly clock: Clock;
  readonly random: Random;
  /** The service's name, for the ErrorInfo of operations' errors. */
  readonly domain: string;
  /** A worker of this process that may run the started operations, if there is one. */
  readonly claimant?: Claimant | undefined;
  /** @default no tracing */
  readonly tracing?: Tracing | undefined;
}

/** The timeout and the caller of a wait. */
export interface WaitSetting {
  /** At most `LIMITS.waitMsMax`. @default `LIMITS.waitMsDefault` */
  readonly timeoutMs?: number | undefined;
  /** Aborts when the caller hangs up. */
  readonly signal?: AbortSource | undefined;
  /** Replaces `signal` if the caller waits over a connection. */
  readonly waiting?: WaitingConnection | undefined;
}

/** The options of an immediate answer. */
export interface AnswerSetting extends AnswerContext {
  /** Yields the event loop before the answer is validated. */
  readonly nextTurn?: (() => Promise<void>) | undefined;
}

/**
 * The use cases: the actions of callers on operations, without the chain around them. Only the
 * engine has them; edges use `Operations`.
 *
 * @see google/longrunning/operations.proto; contract section 1.3; AIP-151
 */
export class UseCases {
  /** The declared methods by name. */
  readonly methods: ReadonlyMap<string, Method>;
  readonly starting: Starting;
  readonly watching: Watching;
  readonly timely: TimelyAnswers;
  readonly #records: Records;
  readonly #waiters: Waiters;
  readonly #beginnings: Beginnings;
  readonly #pollIntervals: PollIntervals;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #domain: string;

  readonly #validations: Validations;
  readonly #verbs: ReadonlyMap<string, string>;
  #stopping = false;

  constructor(parts: UseCasesParts) {
    this.methods = parts.methods;
    this.#records = parts.records;
    this.#waiters = parts.waiters;
    this.watching = parts.watching;
    this.#beginnings = parts.beginnings;
    this.#pollIntervals = parts.pollIntervals;
    this.#clock = parts.clock;
    this.#random = parts.random;
    this.#domain = parts.domain;
    this.#verbs = verbsOf(parts.methods);
    this.#validations = new Validations(parts.clock);
    this.timely = new TimelyAnswers(parts.clock);
    this.starting = new Starting({
      ...parts,
      timely: this.timely,
      validations: this.#validations,
      stopping: () => this.#stopping,
    });
  }

  /**
   * Executes a method with an immediate answer.
   *
   * @returns the output of the method's response schema
   * @throws {StatusError} as in {@link validateRequest}; StatusErrors of the method
   * @throws {TypeError} if the answer does not match the response schema
   */
  async answer(method: AnsweredMethod, request: unknown, setting: AnswerSetting): Promise<unknown> {
    const { nextTurn, ...context } = setting;
    const validated = await validateRequest(method, request, this.#validations);
    const answer = await method.answer(validated, context);
    await nextTurn?.();
    const result = await method.response["~standard"].validate(answer);
    if (result.issues === undefined) return result.value;
    throw new TypeError(`Response of "${method.name}": ${violationsText(result.issues)}`);
  }

  /**
   * The latest state of an operation.
   *
   * @param name `operations/{id}` or `{parent}/operations/{id}`
   * @throws {StatusError} NOT_FOUND OPERATION_EXPIRED; OPERATION_NOT_FOUND, also for an invalid
   * name; UNAVAILABLE STORE_UNAVAILABLE
   */
  get(name: string): Promise<Operation> {
    return this.timely.of(this.#get(name));
  }

  async #get(name: string): Promise<Operation> {
    const { id, parent } = operationNameOf(name);
    const operation = await this.#records.read(id);
    // A caller who has seen the end must not wait for it, even if its notice was lost.
    if (operation === undefined || isDone(operation)) this.#beginnings.forget(id);
    // An operation of another parent is treated as missing.
    if (operation?.parent !== parent) throw missingError(name, id, this.#records.store.time());
    return operation;
  }

  /**
   * A page of operations, of one collection or across several; newest first by default.
   *
   * @throws {StatusError} as `listPage`
   */
  list(request: ListRequest): Promise<ListPage> {
    const page = listPage(request, {
      store: this.#records.store,
      random: this.#random,
      verbs: this.#verbs,
      domain: this.#domain,
    });
    return this.timely.of(page);
  }

  /**
   * Requests cancellation: a pending operation ends immediately, and the handler of a running one
   * is notified. Harmless when repeated or late.
   *
   * @throws {StatusError} NOT_FOUND OPERATION_NOT_FOUND, OPERATION_EXPIRED; ABORTED CONTENTION;
   *   UNAVAILABLE STORE_UNAVAILABLE
   */
  cancel(name: string): Promise<void> {
    return this.timely.of(this.#cancel(name));
  }

  async #cancel(name: string): Promise<void> {
    const { id } = await this.#get(name);
    const now = this.#records.store.time();
    const changed = await this.#records.change(id, (operation) =>
      transition(operation, { type: "cancel", now }, this.#domain),
    );
    if (changed.operation === undefined) throw missingError(name, id, now);
    if (changed.refused === undefined && !isDone(changed.operation)) {
      const { method, attempt } = changed.operation;
      this.#records.tell["operation.cancel-requested"]?.({ operation: name, method, attempt });
    }
  }

  /**
   * Removes the record. The work is not cancelled; the result of a running operation is dropped.
   *
   * @throws {StatusError} NOT_FOUND OPERATION_NOT_FOUND, OPERATION_EXPIRED; UNAVAILABLE
   *   STORE_UNAVAILABLE
   */
  delete(name: string): Promise<void> {
    return this.timely.of(this.#delete(name));
  }

  async #delete(name: string): Promise<void> {
    const { id, parent } = operationNameOf(name);
    const along = await this.#alongRemoval(id);
    const { removed } = await this.#records.write({ verb: "remove", id, parent, ...along });
    if (removed) {
      if (along !== undefined) this.#records.tellStarts(along.along);
      this.#records.tell["operation.deleted"]?.({ operation: name });
      return;
    }
    throw missingError(name, id, this.#records.store.time());
  }

  /** Operations to store with a removal; nothing is read if nobody needs removals. */
  async #alongRemoval(id: string): Promise<{ readonly along: Along } | undefined> {
    const { deliveries } = this.#records;
    const kept = deliveries?.wantsRemovals === true ? await this.#records.read(id) : undefined;
    const along = kept === undefined ? undefined : deliveries?.along(kept, null);
    return along === undefined ? undefined : { along };
  }

  /**
   * Waits until the operation is done, the timeout has passed, the caller hangs up or the server
   * stops, and returns the latest state in each case. An operation that began here recently, and
   * whose end was not announced, is read only at the end.
   *
   * @param options.timeoutMs at most `LIMITS.waitMsMax`. @default `LIMITS.waitMsDefault`
   * @param options.signal aborts when the caller hangs up
   * @param options.waiting replaces `signal` if the caller has a connection, which may hold only
   * its share of the waiters
   * @throws {StatusError} NOT_FOUND OPERATION_NOT_FOUND, also if it is deleted during the wait,
   *   OPERATION_EXPIRED; RESOURCE_EXHAUSTED TOO_MANY_WAITERS; CANCELLED CALLER_GONE; UNAVAILABLE
   *   STORE_UNAVAILABLE
   */
  async wait(name: string, options: WaitSetting): Promise<Operation> {
    const { id, parent } = operationNameOf(name);
    const { waiting, signal = waiting } = options;
    const timeoutMs = Math.min(options.timeoutMs ?? LIMITS.waitMsDefault, LIMITS.waitMsMax);
    const untilMs = this.#clock.monotonic() + timeoutMs;
    const ticket = this.#waiters.enter(id, timeoutMs, { signal, connection: waiting?.connection });
    let waits = this.#beginnings.goesOn(id, parent);
    try {
      if (!waits) {
        const operation = await this.timely.of(this.#attended(id, name));
        if (isDone(operation)) return operation;
        waits = true;
      }
    } finally {
      // A released waiter has already left.
      if (!waits) ticket.leave();
    }
    waiting?.stepAside();
    // Not awaited, so that no waiter keeps the old record in memory.
    return ticket.released.then(async ({ how, ended }) => {
      await waiting?.stepBack();
      if (ended?.parent === parent) return ended;
      const lateMs = Math.min(0, untilMs - this.#clock.monotonic());
      const operation = await this.timely.of(this.#get(name), LIMITS.answerMsMax + lateMs);
      // The hint was false: wait for the remaining time, unless all places are taken.
      const isFull = !this.#waiters.hasRoomFor(waiting?.connection);
      if (how === "over" || isDone(operation) || isFull) return operation;
      return this.wait(name, { timeoutMs: untilMs - this.#clock.monotonic(), signal, waiting });
    });
  }

  /** Reads after the attendance has begun, so that an end after the read is announced here. */
  async #attended(id: string, name: string): Promise<Operation> {
    await this.#records.store.neighbours?.attend(id);
    return await this.#get(name);
  }

  /** The number of waiting callers. */
  get waiting(): number {
    return this.#waiters.count;
  }

  /** Whether the server is stopping. */
  get stopping(): boolean {
    return this.#stopping;
  }

  /**
   * Whether an answer about an operation stays valid until `watch` announces a change: not if other
   * processes change operations too, and not while the server is stopping.
   */
  get tellsEveryChange(): boolean {
    return !this.#stopping && this.#records.store.pollMs === null;
  }

  /** Announces changes before the caller of the write is answered. @returns removes the listener */
  watch(listener: (changes: readonly Change[]) => void): () => void {
    return this.#records.store.watch(listener);
  }

  /** The recommended time until the next poll of an operation that is not done. */
  pollIntervalMs(operation: Operation): number {
    return this.#pollIntervals.of(operation);
  }

  /** Refuses new starts and watches, answers all waiters, and ends all watches. */
  stop(): void {
    this.#stopping = true;
    this.watching.stop();
    this.#waiters.stop();
  }
}
