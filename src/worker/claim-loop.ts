import type { WorkerPort } from "../core/ports/worker-port.ts";
import type { Clock, Timer } from "../core/ports/clock.ts";
import { LIMITS } from "../core/limits.ts";
import type { Tell } from "../core/events.ts";
import type { Operation } from "../core/operation/operation.ts";
import type { Random } from "../core/ports/random.ts";
import type { ClaimAnswer } from "../core/ports/store.ts";
import { outageDelayMs } from "./outage.ts";
import type { Slots } from "./slots.ts";

/** Decides when to claim work, and passes claimed operations on. */
export interface Claims {
  start(): void;
  /** Stops claiming; resolves when the claims in progress have been answered. */
  stop(): Promise<void>;
  /** Whether work may be waiting that a new start of the method must not overtake. */
  mayHaveWork(method: string): boolean;
  /**
   * Reports that an operation of the method is pending, and the time from which it is available.
   */
  hint(method: string, availableTime: number): void;
  /** Reports that methods were paused, and have no slots then, or were resumed. */
  slotsPaused(): void;
  /** Reports that a slot has become free. */
  slotFreed(): void;
}

/** The parts of a claim loop. */
export interface ClaimLoopParts {
  readonly attempts: WorkerPort;
  readonly slots: Slots;
  /** The methods to claim for, by name. */
  readonly methods: readonly string[];
  /** The worker's identity. */
  readonly worker: string;
  readonly leaseMs: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly tell: Tell;
  /** Takes over a claimed operation and its held slot. `calledAt`: monotonic start of the claim. */
  readonly run: (operation: Operation, calledAt: number) => void;
}

/**
 * Decides when to ask the store for work.
 *
 * Terms: a method is in *question* when it may have pending work: at first, after a hint, after a
 * claim that returned as much as was wanted, when work becomes due, and at each *backstop*. A claim
 * is sent when a method in question has a free slot. It asks for every method with a free slot, for
 * as many operations as there are slots, and takes those methods out of question. Only one claim is
 * in progress at a time, so that slots are never promised twice.
 *
 * Source of truth: the store; this class only guesses when a claim is worthwhile, and a wrong guess
 * costs one empty claim, or a backstop interval. A single timer is set for the next relevant time:
 * an idle worker sends one claim per backstop interval. When the store fails, hints are collected,
 * and the next claim waits for the backoff.
 */
export class ClaimLoop implements Claims {
  readonly #parts: ClaimLoopParts;
  readonly #inQuestion: Set<string>;
  /** The methods of the claim in progress. */
  #asked: ReadonlyMap<string, number> = new Map();
  #underWay: Promise<void> | undefined;
  #running = false;
  #wakingSoon = false;
  #timer: (Timer & { readonly at: number }) | undefined;
  /** Monotonic time. */
  #backstopAt = 0;
  /** The time on the store's clock when the next pending operation becomes available. */
  #dueTime = Number.POSITIVE_INFINITY;
  #failures = 0;
  /** Monotonic: no claim before this time; used only while {@link #failures} is above 0. */
  #retryAt = 0;

  constructor(parts: ClaimLoopParts) {
    this.#parts = parts;
    this.#inQuestion = new Set(parts.methods);
  }

  start(): void {
    if (this.#parts.methods.length === 0) return;
    this.#running = true;
    this.#postponeBackstop();
    this.#wake();
  }

  /** Stops claiming; resolves when the claim in progress has been answered. */
  async stop(): Promise<void> {
    this.#running = false;
    this.#timer?.cancel();
    await this.#underWay;
  }

  /**
   * Whether work may be waiting that a new start of the method must not overtake: older work of the
   * method, or work of another method with a free slot, whose priority may be higher.
   */
  mayHaveWork(method: string): boolean {
    const { attempts, slots } = this.#parts;
    if (this.#inQuestion.has(method) || this.#asked.has(method)) return true;
    for (const each of this.#inQuestion) if (slots.freeFor(each) > 0) return true;
    return this.#dueTime <= attempts.time();
  }

  /**
   * Reports that an operation of the method is pending, and the time from which it is available.
   */
  hint(method: string, availableTime: number): void {
    const { attempts } = this.#parts;
    if (!this.#running) {
      attempts.handOn(method);
      return;
    }
    if (availableTime > attempts.time()) {
      // A method in question already waits for a slot, the claim in progress or the backoff.
      if (this.#inQuestion.has(method) || availableTime >= this.#dueTime) return;
      this.#dueTime = availableTime;
      if (this.#underWay === undefined) this.#arm();
      return;
    }
    const isNew = !this.#inQuestion.has(method);
    this.#inQuestion.add(method);
    // The claim in progress passes it on when it is answered.
    if (this.#underWay === undefined) this.#handOn(method);
    if (isNew) this.#wake();
  }

  /** Reports that methods were paused, and have no slots then, or were resumed. */
  slotsPaused(): void {
    for (const method of this.#parts.methods) this.#inQuestion.add(method);
    this.#wake();
  }

  /** Reports that a slot has become free. */
  slotFreed(): void {
    if (this.#inQuestion.size > 0) this.#wakeSoon();
  }

  /**
   * Attempts that one commit ends free their slots one after the other in one turn; one claim
   * covers all of them.
   */
  #wakeSoon(): void {
    if (this.#wakingSoon) return;
    this.#wakingSoon = true;
    queueMicrotask(() => {
      this.#wakingSoon = false;
      this.#wake();
    });
  }

  #wake(): void {
    if (!this.#running || this.#underWay !== undefined) return;
    const { clock } = this.#parts;
    const wanted = this.#wanted();
    if (wanted.size === 0 || (this.#failures > 0 && clock.monotonic() < this.#retryAt)) {
      this.#arm();
      return;
    }
    this.#asked = wanted;
    this.#underWay = this.#claim(wanted).finally(() => {
      this.#underWay = undefined;
      this.#asked = new Map();
      this.#wake();
    });
  }

  /** The number to claim of each method; empty unless a method in question has a free slot. */
  #wanted(): ReadonlyMap<string, number> {
    const { methods, slots } = this.#parts;
    const wanted = new Map<string, number>();
    for (const method of methods) {
      const free = slots.freeFor(method);
      if (free > 0) wanted.set(method, free);
    }
    for (const method of wanted.keys()) if (this.#inQuestion.has(method)) return wanted;
    return new Map();
  }

  async #claim(wanted: ReadonlyMap<string, number>): Promise<void> {
    const { attempts, slots, clock, tell, methods, worker, leaseMs } = this.#parts;
    const sum = [...wanted.values()].reduce((total, free) => total + free, 0);
    const limit = Math.min(sum, slots.free);
    // Methods without a free slot were not part of the claim, so `nextTime` does not cover them,
    // and they stay in question.
    for (const method of methods) {
      if (wanted.has(method)) this.#inQuestion.delete(method);
      else this.#inQuestion.add(method);
    }
    this.#dueTime = Number.POSITIVE_INFINITY;
    slots.hold(limit);
    tell["claim.sent"]?.({ worker, limit });
    const calledAt = clock.monotonic();
    let answer: ClaimAnswer | undefined;
    try {
      answer = await attempts.claim({
        worker,
        leaseMs,
        limit,
        wanted: Array.from(wanted, ([method, free]) => ({ method, limit: free })),
      });
    } catch (error) {
      this.#fail(error, wanted);
    }
    slots.letGo(limit);
    if (answer !== undefined) this.#take(answer, { wanted, limit, calledAt });
    for (const method of this.#inQuestion) this.#handOn(method);
    this.#postponeBackstop();
  }

  /** Notifies other processes of work for which there is no slot here. */
  #handOn(method: string): void {
    const { attempts, slots } = this.#parts;
    // A paused method is paused in all processes.
    if (slots.freeFor(method) === 0 && !slots.isPaused(method)) attempts.handOn(method);
  }

  #take(
    answer: ClaimAnswer,
    claim: {
      readonly wanted: ReadonlyMap<string, number>;
      readonly limit: number;
      readonly calledAt: number;
    },
  ): void {
    const { attempts, clock, tell, worker, run } = this.#parts;
    if (this.#failures > 0) tell["claims.resumed"]?.({});
    this.#failures = 0;
    tell["claim.answered"]?.({
      worker,
      limit: claim.limit,
      count: answer.operations.length,
      durationMs: clock.monotonic() - claim.calledAt,
    });
    const left = new Map(claim.wanted);
    for (const operation of answer.operations) {
      left.set(operation.method, (left.get(operation.method) ?? 0) - 1);
      run(operation, claim.calledAt);
    }
    const full = answer.operations.length >= claim.limit;
    const more = [...left].filter(([, count]) => full || count <= 0).map(([method]) => method);
    for (const method of more) this.#inQuestion.add(method);
    if (answer.nextTime === null) return;
    const now = attempts.time();
    if (answer.nextTime > now) this.#dueTime = Math.min(this.#dueTime, answer.nextTime);
    // The work is due but was not returned: others are claiming it, or the clocks differ. Claiming
    // again at once would spin.
    else if (more.length === 0) this.#dueTime = Math.min(this.#dueTime, now + EMPTY_CLAIM_PAUSE_MS);
  }

  #fail(error: unknown, wanted: ReadonlyMap<string, number>): void {
    const { clock, random, tell, worker } = this.#parts;
    for (const method of wanted.keys()) this.#inQuestion.add(method);
    if (this.#failures === 0) tell["claims.interrupted"]?.({ error });
    this.#failures++;
    this.#retryAt = clock.monotonic() + outageDelayMs(this.#failures, random.fraction());
    tell["claim.failed"]?.({ worker, error });
  }

  /**
   * Randomly up to a quarter earlier than the interval, so that workers started together do not
   * claim together.
   */
  #postponeBackstop(): void {
    const { attempts, clock, random } = this.#parts;
    const intervalMs = Math.min(attempts.pollMs ?? LIMITS.claimIntervalMs, LIMITS.claimIntervalMs);
    this.#backstopAt = clock.monotonic() + intervalMs * (1 - random.fraction() / 4);
  }

  /** A timer that is too early is kept: when it fires, it finds nothing to do, and is set again. */
  #arm(): void {
    const { attempts, clock } = this.#parts;
    const now = clock.monotonic();
    const dueAt = now + Math.max(0, this.#dueTime - attempts.time());
    const soonest = this.#failures > 0 ? this.#retryAt : Math.min(this.#backstopAt, dueAt);
    if (this.#timer !== undefined && this.#timer.at <= soonest) return;
    this.#timer?.cancel();
    const timer = clock.after(soonest - now, () => this.#ring());
    this.#timer = { at: soonest, cancel: () => timer.cancel() };
  }

  #ring(): void {
    const { attempts, clock, methods } = this.#parts;
    this.#timer = undefined;
    const backstop = clock.monotonic() >= this.#backstopAt;
    const due = attempts.time() >= this.#dueTime;
    if (due) this.#dueTime = Number.POSITIVE_INFINITY;
    if (backstop) this.#postponeBackstop();
    if (backstop || due) for (const method of methods) this.#inQuestion.add(method);
    if (due) for (const method of methods) this.#handOn(method);
    this.#wake();
  }
}

/** The pause before another claim for work that is due but was not returned. */
const EMPTY_CLAIM_PAUSE_MS = 100;
