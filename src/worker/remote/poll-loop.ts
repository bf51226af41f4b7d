import { StatusError } from "../../core/error/error.ts";
import { LIMITS } from "../../core/limits.ts";
import { retryInfoMs } from "../../core/operation/kept-failure.ts";
import type { Timer } from "../../core/ports/clock.ts";
import type { ClaimAnswer } from "../../core/ports/store.ts";
import type { ClaimLoopParts, Claims } from "../claim-loop.ts";
import { outageDelayMs } from "../outage.ts";

/** The request of one claim, which is repeated if its answer is lost. */
interface Poll {
  readonly methods: readonly string[];
  readonly limit: number;
  readonly waits: boolean;
  readonly requestId: string;
  /** Whether it was sent before with an unknown result. */
  readonly isRepeated: boolean;
}

/** The parts of a poll loop. */
export interface PollLoopParts extends ClaimLoopParts {
  /** How long a claim waits if there is no work. @default LIMITS.claimPollMs */
  readonly pollMs?: number;
  /** Called after the first claim, with its error if it failed. Returns whether to continue. */
  readonly began: (error?: unknown) => boolean;
}

/**
 * Gets work from a server by claims that wait there. Their answers are the only hints.
 *
 * Terms: a claim in progress *holds* as many free slots as it asks for, and *covers* the methods
 * that it names. A claim is sent whenever a method has a free slot and no claim covers it, and
 * whenever it can ask for as many slots as all claims in progress hold. So an idle worker has one
 * waiting claim, or a few after its slots became free one by one: each further claim doubles what
 * is held. Fewer free slots of covered methods are left: work of these methods ends a wait, and
 * the next claim asks for all slots.
 *
 * A claim has one limit for all its methods. If methods differ in their free slots, the loop first
 * asks for those with the most, without waiting, and the waiting claim asks for as many as the
 * method with the fewest has. So no claim returns more than there are slots.
 *
 * A claim whose answer is lost is repeated with its request id, and the server returns the same
 * operations. After a failure only one claim is in progress at a time. An empty answer long before
 * the end of its wait comes from a server that stops: the next claim waits as after a failure.
 */
export class PollLoop implements Claims {
  readonly #parts: PollLoopParts;
  readonly #polls = new Map<Poll, AbortController>();
  /** Methods for which a claim without waiting has just found too little. */
  readonly #emptied = new Set<string>();
  /** Claims without an answer, which must be repeated. */
  readonly #lost: Poll[] = [];
  readonly #idle = Promise.withResolvers<void>();
  #running = false;
  #wakingSoon = false;
  #told = false;
  #answered = false;
  #failures = 0;
  /** The claim that tests whether the server answers again. */
  #trial: Poll | undefined;
  #hollow = 0;
  /** The monotonic time before which no claim is sent. */
  #notBefore = Number.NEGATIVE_INFINITY;
  #timer: Timer | undefined;

  constructor(parts: PollLoopParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#running = true;
    this.#wake();
  }

  async stop(): Promise<void> {
    this.#running = false;
    this.#timer?.cancel();
    for (const controller of this.#polls.values()) controller.abort(STOPPING);
    this.#checkIdle();
    await this.#idle.promise;
  }

  /** This worker gets no starts from its own process. */
  mayHaveWork(): boolean {
    return true;
  }

  /** Ignored, because the server answers the waiting claims. */
  hint(): void {}

  slotsPaused(): void {
    this.#wakeSoon();
  }

  slotFreed(): void {
    this.#wakeSoon();
  }

  /**
   * Handlers that end in one turn free their slots one by one; one claim covers them all. Their
   * outcomes are sent in the turn before.
   */
  #wakeSoon(): void {
    if (this.#wakingSoon) return;
    this.#wakingSoon = true;
    const { clock } = this.#parts;
    const wake = (): void => {
      this.#wakingSoon = false;
      this.#wake();
    };
    clock.soon(() => clock.soon(wake));
  }

  #wake(): void {
    const { clock } = this.#parts;
    while (this.#running) {
      if (this.#trial !== undefined) return;
      if (clock.monotonic() < this.#notBefore) {
        this.#arm();
        return;
      }
      const poll = this.#again() ?? this.#next();
      if (poll === undefined) return;
      if (this.#failures > 0) this.#trial = poll;
      void this.#send(poll);
    }
  }

  #arm(): void {
    const { clock } = this.#parts;
    this.#timer?.cancel();
    this.#timer = clock.after(this.#notBefore - clock.monotonic(), () => this.#wake());
  }

  /** A claim to repeat, if there is room for its operations. */
  #again(): Poll | undefined {
    const [lost] = this.#lost;
    const { free } = this.#parts.slots;
    if (lost === undefined || free <= 0) return undefined;
    this.#lost.shift();
    return { ...lost, limit: Math.min(lost.limit, free), isRepeated: true };
  }

  /** The next claim; undefined for none. */
  #next(): Poll | undefined {
    const free = this.#free();
    if (free.size === 0) return undefined;
    const covered = new Set([...this.#polls.keys()].flatMap((poll) => poll.methods));
    const most = Math.max(...free.values());
    const fewest = Math.min(...free.values());
    const wide = [...free.keys()].filter((method) => free.get(method) === most);
    const asksWide =
      most > fewest && wide.some((method) => !covered.has(method) && !this.#emptied.has(method));
    const methods = asksWide ? wide : [...free.keys()];
    const limit = asksWide ? most : fewest;
    const isNew = methods.some((method) => !covered.has(method));
    // A claim for some of the covered methods would keep its slots from the others.
    if (!isNew && (limit < this.#held() || covered.size > methods.length)) return undefined;
    return this.#poll(methods, limit, !asksWide);
  }

  #poll(methods: readonly string[], limit: number, waits: boolean): Poll {
    const requestId = Buffer.from(this.#parts.random.bytes(REQUEST_ID_BYTES)).toString("base64url");
    return {
      methods: methods.slice(0, LIMITS.remoteMethodsMax),
      limit: Math.min(limit, LIMITS.remoteEntriesMax),
      waits,
      requestId,
      isRepeated: false,
    };
  }

  /** Free slots by method, without the slots that claims in progress may fill. */
  #free(): ReadonlyMap<string, number> {
    const { methods, slots } = this.#parts;
    const free = new Map<string, number>();
    for (const method of methods) {
      const count = slots.freeFor(method, this.#held(method));
      if (count > 0) free.set(method, count);
    }
    return free;
  }

  /** Slots that claims in progress hold: all, or those that they may fill with work of a method. */
  #held(method?: string): number {
    let sum = 0;
    for (const { methods, limit } of this.#polls.keys())
      if (method === undefined || methods.includes(method)) sum += limit;
    return sum;
  }

  async #send(poll: Poll): Promise<void> {
    const { slots, clock, tell, worker } = this.#parts;
    const controller = new AbortController();
    this.#polls.set(poll, controller);
    slots.hold(poll.limit);
    tell["claim.sent"]?.({ worker, limit: poll.limit });
    const calledAt = clock.monotonic();
    const answer = await this.#ask(poll, controller.signal);
    this.#polls.delete(poll);
    slots.letGo(poll.limit);
    if (this.#trial === poll) this.#trial = undefined;
    if (answer !== undefined) this.#take(poll, answer, calledAt);
    this.#checkIdle();
    this.#wakeSoon();
  }

  /** @returns undefined without an answer */
  async #ask(poll: Poll, signal: AbortSignal): Promise<ClaimAnswer | undefined> {
    try {
      return await this.#claim(poll, this.#waits(poll) ? this.#waitMs : 0, signal);
    } catch (error) {
      if (!this.#running) return this.#askLast(poll);
      this.#fail(poll, error);
      return undefined;
    }
  }

  /** Fetches what an abandoned claim may have got, to release it before its leases expire. */
  async #askLast(poll: Poll): Promise<ClaimAnswer | undefined> {
    const late = new AbortController();
    const timer = this.#parts.clock.after(LIMITS.drainAbortMs, () => late.abort(STOPPING));
    try {
      return await this.#claim({ ...poll, isRepeated: false }, 0, late.signal);
    } catch {
      return undefined;
    } finally {
      timer.cancel();
    }
  }

  #claim(poll: Poll, waitMs: number, signal: AbortSignal): Promise<ClaimAnswer> {
    const { attempts, worker, leaseMs } = this.#parts;
    const { limit, methods, requestId, isRepeated } = poll;
    const wanted = methods.map((method) => ({ method, limit }));
    return attempts.claim({ worker, leaseMs, limit, wanted, requestId, isRepeated, waitMs, signal });
  }

  /** The first claim, and one after a failure, do not wait: they show whether the server answers. */
  #waits({ waits }: Poll): boolean {
    return waits && this.#answered && this.#failures === 0;
  }

  get #waitMs(): number {
    return this.#parts.pollMs ?? LIMITS.claimPollMs;
  }

  #take(poll: Poll, { operations }: ClaimAnswer, calledAt: number): void {
    const { clock, tell, worker, run } = this.#parts;
    const durationMs = clock.monotonic() - calledAt;
    const waited = this.#waits(poll);
    if (this.#failures > 0) tell["claims.resumed"]?.({});
    this.#failures = 0;
    this.#answered = true;
    this.#goesOn();
    tell["claim.answered"]?.({ worker, limit: poll.limit, count: operations.length, durationMs });
    if (!poll.waits && operations.length < poll.limit) {
      for (const method of poll.methods) this.#emptied.add(method);
    } else if (operations.length > 0) this.#emptied.clear();
    if (waited && operations.length === 0 && durationMs < this.#waitMs / 2) this.#postpone(++this.#hollow);
    else this.#hollow = 0;
    for (const operation of operations) run(operation, calledAt);
  }

  #fail(poll: Poll, error: unknown): void {
    const { tell, worker } = this.#parts;
    if (!this.#goesOn(error)) {
      this.#running = false;
      return;
    }
    if (this.#failures === 0) tell["claims.interrupted"]?.({ error });
    // Claims that fail with one connection or server are one failure, however many were under way.
    if (this.#failures === 0 || this.#trial === poll) this.#failures++;
    this.#postpone(this.#failures, error instanceof StatusError ? retryInfoMs(error) : 0);
    this.#lost.push(poll);
    tell["claim.failed"]?.({ worker, error });
  }

  #goesOn(error?: unknown): boolean {
    if (this.#told) return true;
    this.#told = true;
    return this.#parts.began(error);
  }

  #postpone(times: number, askedMs = 0): void {
    const { clock, random } = this.#parts;
    const delayMs = Math.max(outageDelayMs(times, random.fraction()), askedMs);
    this.#notBefore = clock.monotonic() + delayMs;
  }

  #checkIdle(): void {
    if (!this.#running && this.#polls.size === 0) this.#idle.resolve();
  }
}

const STOPPING = new Error("The worker asks for no more work.");
const REQUEST_ID_BYTES = 16;
