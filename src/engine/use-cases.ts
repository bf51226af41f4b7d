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
import type { Waiters } from "./waiting/waiters.ts";
import type { Watching } from "./watching/watching.ts";

/** What the use cases are made with. */
export interface UseCasesParts {
  readonly methods: ReadonlyMap<string, Method>;
  /** Methods of the service's own. @default none */
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
  /** A worker in this process that may run what is started here, where there is one. */
  readonly claimant?: Claimant | undefined;
  /** @default nobody traces */
  readonly tracing?: Tracing | undefined;
}

/** How long a wait may take, and who waits. */
export interface WaitSetting {
  /** @default `LIMITS.waitMsDefault`; at most `LIMITS.waitMsMax` is waited */
  readonly timeoutMs?: number | undefined;
  /** Aborts when the caller hangs up. */
  readonly signal?: AbortSource | undefined;
  /** Instead of `signal`, where the caller waits over a connection. */
  readonly waiting?: WaitingConnection | undefined;
}

/** What goes with a call of a method that is answered at once. */
export interface AnswerSetting extends AnswerContext {
  /** Lets others have the event loop before the answer is checked. */
  readonly nextTurn?: (() => Promise<void>) | undefined;
}

/**
 * The use cases: what callers can do with operations, without the chain that stands around them. Only the engine has
 * this; edges have `Operations`.
 *
 * @see google/longrunning/operations.proto; contract section 1.3; AIP-151
 */
export class UseCases {
  /** The declared methods by name. */
  readonly methods: ReadonlyMap<string, Method>;
  readonly starting: Starting;
  readonly watching: Watching;
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
    this.starting = new Starting({
      ...parts,
      validations: this.#validations,
      stopping: () => this.#stopping,
    });
  }

  /**
   * Answers a call of a method that is answered at once.
   *
   * @returns what the method's response schema makes of the answer
   * @throws {StatusError} as in {@link validateRequest}, and what the method throws on purpose
   * @throws {TypeError} for an answer that does not fit the response schema
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
   * @throws {StatusError} NOT_FOUND OPERATION_EXPIRED; OPERATION_NOT_FOUND, also for what is no operation's name
   */
  async get(name: string): Promise<Operation> {
    const { id, parent } = operationNameOf(name);
    const operation = await this.#records.read(id);
    // Who was told so is not to wait for it, also where the notice was lost.
    if (operation === undefined || isDone(operation)) this.#beginnings.forget(id);
    // What lies under another parent tells nothing of itself.
    if (operation?.parent !== parent) throw missingError(name, id, this.#records.store.time());
    return operation;
  }

  /**
   * A page of operations, of one collection or across several; newest first by default.
   *
   * @throws {StatusError} as `listPage` does
   */
  list(request: ListRequest): Promise<ListPage> {
    return listPage(request, {
      store: this.#records.store,
      random: this.#random,
      verbs: this.#verbs,
      domain: this.#domain,
    });
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
    if (changed.operation === undefined) throw missingError(name, id, now);
    if (changed.refused === undefined && !isDone(changed.operation)) {
      const { method, attempt } = changed.operation;
      this.#records.tell["operation.cancel-requested"]?.({ operation: name, method, attempt });
    }
  }

  /**
   * Removes the record. Does not cancel the work; the result of a running operation is dropped.
   *
   * @throws {StatusError} NOT_FOUND OPERATION_NOT_FOUND, OPERATION_EXPIRED
   */
  async delete(name: string): Promise<void> {
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

  /** What is stored along with a removal; nothing is read where nobody is told of removals. */
  async #alongRemoval(id: string): Promise<{ readonly along: Along } | undefined> {
    const { deliveries } = this.#records;
    const kept = deliveries?.wantsRemovals === true ? await this.#records.read(id) : undefined;
    const along = kept === undefined ? undefined : deliveries?.along(kept, null);
    return along === undefined ? undefined : { along };
  }

  /**
   * Waits until the operation is done, the timeout has passed, the caller hangs up or the server stops, and answers the
   * latest state in each case. What was begun here a short while ago, and not heard the end of, is read in the end only.
   *
   * @param options.timeoutMs @default `LIMITS.waitMsDefault`; at most `LIMITS.waitMsMax` is waited
   * @param options.signal aborts when the caller hangs up
   * @param options.waiting instead, where the caller has a connection, which may take its share of the waiters and no more
   * @throws {StatusError} NOT_FOUND OPERATION_NOT_FOUND, also when it is deleted meanwhile, OPERATION_EXPIRED;
   *   RESOURCE_EXHAUSTED TOO_MANY_WAITERS; CANCELLED CALLER_GONE
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
        // First, so that an end that comes behind the read is heard of.
        await this.#records.store.neighbours?.attend(id);
        const operation = await this.get(name);
        if (isDone(operation)) return operation;
        waits = true;
      }
    } finally {
      // Who is released has left.
      if (!waits) ticket.leave();
    }
    waiting?.stepAside();
    // Not awaited, so that nobody who waits holds the record as it was.
    return ticket.released.then(async (reason) => {
      await waiting?.stepBack();
      const operation = await this.get(name);
      // A false hint: wait for the remaining time, unless all places have been taken meanwhile.
      const isFull = !this.#waiters.hasRoomFor(waiting?.connection);
      if (reason === "over" || isDone(operation) || isFull) return operation;
      return this.wait(name, { timeoutMs: untilMs - this.#clock.monotonic(), signal, waiting });
    });
  }

  /** Callers that wait now. */
  get waiting(): number {
    return this.#waiters.count;
  }

  /** Whether the server is stopping. */
  get stopping(): boolean {
    return this.#stopping;
  }

  /**
   * Whether what was told of an operation holds until `watch` tells of a change: not where other processes change
   * operations too, and not while the server is stopping.
   */
  get tellsEveryChange(): boolean {
    return !this.#stopping && this.#records.store.pollMs === null;
  }

  /** Tells of changes, before the caller of the write is answered. @returns takes the listener off */
  watch(listener: (changes: readonly Change[]) => void): () => void {
    return this.#records.store.watch(listener);
  }

  /** How long we recommend to wait before the next poll of an operation that is not done. */
  pollIntervalMs(operation: Operation): number {
    return this.#pollIntervals.of(operation);
  }

  /** Refuses new starts and watches from now on, answers everybody who waits, and ends all watches. */
  stop(): void {
    this.#stopping = true;
    this.watching.stop();
    this.#waiters.stop();
  }
}
