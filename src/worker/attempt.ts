import type { AttemptFacts } from "../core/ports/worker-port.ts";
import { type AbortCause, AttemptAborted, type Method } from "../core/method/method.ts";
import { formatName } from "../core/operation/name.ts";
import type { Operation } from "../core/operation/operation.ts";
import type { Payload } from "../core/operation/payload.ts";
import type { AttemptSpan } from "../core/ports/tracing.ts";
import type { Lease, LeaseNotice } from "../core/ports/lease-keeper.ts";
import type { Change } from "../core/ports/store.ts";
import { traceparentOf } from "../core/trace-context.ts";
import type { AttemptSetting } from "./attempt-setting.ts";
import { runWithinAttempt } from "./current-attempt.ts";
import { type AttemptContext, createContext } from "./context.ts";
import { Validations } from "../core/method/validation.ts";
import { Heartbeat } from "./heartbeat.ts";
import { isTransient, outageDelayMs } from "./outage.ts";
import {
  type Ending,
  ENDINGS,
  type HandlerOutcome,
  runHandler,
  type Verdict,
  verdictOf,
  verdictOfRefusal,
  writeVerdict,
} from "./outcome.ts";
import { Reporter } from "./reporter.ts";

/**
 * One run of a handler, from the claim to the write that ends it.
 *
 * Whatever the handler does, {@link Attempt.run} resolves once it has ended or been abandoned, and
 * later actions of the handler have no effect. Every write presents the attempt, and the store
 * rejects it if the attempt is not the current one; the signal only helps the handler, and does not
 * separate outcomes.
 *
 * Two events take precedence over the handler's result, and then nothing is written: the lease was
 * *lost* (another attempt may run, or the operation has ended), or the operation was *removed* (the
 * handler may finish, because deletion does not cancel it).
 */
export class Attempt {
  readonly lease: Lease;
  readonly #setting: AttemptSetting;
  readonly #method: Method;
  readonly #heartbeat: Heartbeat;
  readonly #reporter: Reporter;
  readonly #context: AttemptContext;
  readonly #validations: Validations;
  readonly #controller = new AbortController();
  readonly #span: AttemptSpan | undefined;
  /** With tracing, that of the attempt's span; otherwise the stored one of the start. */
  readonly #traceContext: string | null;
  readonly #abandoned = Promise.withResolvers<"abandoned">();
  /** Resolved by {@link fail}. */
  readonly #strayed = Promise.withResolvers<HandlerOutcome>();
  /** The record as this attempt knows it. */
  #operation: Operation;
  /** The handler's last report, if it was not stored yet. */
  #unwritten: Payload | null = null;
  #why: AbortCause | undefined;
  #handlerEnded = false;
  #lost = false;
  #removed = false;

  /** @param calledAt the monotonic start of the claiming call */
  constructor(setting: AttemptSetting, method: Method, operation: Operation, calledAt: number) {
    const { attempts, clock, leaseMs } = setting;
    this.lease = { id: operation.id, attempt: operation.attempt };
    this.#setting = setting;
    this.#method = method;
    this.#operation = operation;
    this.#span = setting.tracing?.attempt(this.facts, operation);
    this.#traceContext = this.#span?.traceContext ?? operation.traceContext;
    this.#heartbeat = new Heartbeat({
      lease: this.lease,
      leaseMs,
      firstLeaseMs: attempts.firstLeaseMs?.(operation),
      calledAt,
      deadlineTime: operation.deadlineTime,
      keeper: attempts.keeper,
      clock,
      time: () => attempts.time(),
      end: (why) => this.#end(why),
    });
    this.#reporter = new Reporter({ clock, write: (metadata) => this.#report(metadata) });
    this.#validations = new Validations(clock);
    const controller = this.#controller;
    this.#context = createContext({
      method,
      operation,
      // Created on first use; many handlers do not need it.
      get signal() {
        return controller.signal;
      },
      report: (metadata) => this.#reporter.push(metadata),
      validations: this.#validations,
      surroundings: { ...setting, traceContext: this.#traceContext, time: () => attempts.time() },
    });
  }

  /**
   * Runs the handler and writes the outcome. Call it once; it never rejects.
   *
   * @param handlerEnded called before the outcome is written, unless the handler was abandoned
   */
  async run(handlerEnded: () => void = () => {}): Promise<void> {
    const { clock, pauses, tell } = this.#setting;
    const startedAt = clock.monotonic();
    const unwatch = pauses.onStop(() => this.#heartbeat.stop());
    let how: Ending = "dropped";
    try {
      how = await this.#live(handlerEnded);
    } catch (error) {
      tell["attempt.crashed"]?.({ ...this.told, error });
    } finally {
      unwatch();
      this.#heartbeat.stop();
      tell["attempt.ended"]?.({ ...this.told, how, durationMs: clock.monotonic() - startedAt });
      this.#span?.end(how);
    }
  }

  /** Aborts the handler's signal because the worker is shutting down. */
  shutDown(): void {
    this.#abort("shutdown");
  }

  /**
   * Ends the attempt as if its handler had thrown `error`, which code that it started threw
   * elsewhere.
   */
  fail(error: unknown): void {
    this.#strayed.resolve({ thrown: error });
  }

  /** Identifies the handler, for messages. */
  get facts(): AttemptFacts {
    const { method, attempt } = this.#operation;
    return { operation: formatName(this.#operation), method, attempt };
  }

  /** The same for events. */
  get told(): AttemptFacts & { readonly traceparent?: string } {
    const traceparent = traceparentOf(this.#traceContext);
    return traceparent === undefined ? this.facts : { ...this.facts, traceparent };
  }

  /**
   * Stops waiting for the handler and releases the lease. It has no effect once the handler has
   * ended.
   */
  abandon(): void {
    this.#abandoned.resolve("abandoned");
    void this.#context.close().catch(() => {});
  }

  /** Handles a change of the operation. */
  notice(change: Change): void {
    if (change.state === null) {
      this.#removed = true;
      this.#heartbeat.stop();
    } else if (change.state === "RUNNING") {
      if (change.cancelRequested) this.#abort("cancelled");
    } else if (change.state !== "PENDING") {
      // The operation is done, but not by this attempt. (A change to PENDING may be an old one from
      // before the claim, announced late.)
      const { deadlineTime } = this.#operation;
      const passed = deadlineTime !== null && deadlineTime <= this.#setting.attempts.time();
      this.#lose(passed ? "deadline" : "lease-lost");
    }
  }

  /** Handles a notice from the renewals. */
  noticeLease(event: LeaseNotice["event"]): void {
    if (event === "lost") this.#lose("lease-lost");
    else this.#abort("cancelled");
  }

  async #live(handlerEnded: () => void): Promise<Ending> {
    const { tell } = this.#setting;
    if (!this.#heartbeat.trusted) {
      tell["attempt.late"]?.(this.told);
      return this.#write({ verb: "release" });
    }
    this.#heartbeat.start();
    tell["attempt.began"]?.(this.told);
    if (this.#operation.cancelTime !== null) this.#abort("cancelled");
    const outcome = await Promise.race([this.#handle(), this.#abandoned.promise, this.#strayed.promise]);
    this.#handlerEnded = true;
    this.#unwritten = await this.#reporter.close();
    // The last write includes the last report, which saves a commit.
    if (this.#unwritten !== null) this.#operation = { ...this.#operation, metadata: this.#unwritten };
    if (outcome === "abandoned") return this.#write({ verb: "release" });
    handlerEnded();
    return this.#write(verdictOf(outcome, this.#why, this.#verdictFacts()));
  }

  #handle(): ReturnType<typeof runHandler> {
    const { context } = this.#context;
    const here = { ...this.facts, traceContext: this.#traceContext, fail: this.fail.bind(this) };
    const parts = { settle: () => this.#context.close(), validations: this.#validations };
    const run = (): ReturnType<typeof runHandler> =>
      runWithinAttempt(here, () => runHandler(this.#method, this.#operation.request, context, parts));
    return this.#span === undefined ? run() : this.#span.within(run);
  }

  #verdictFacts(): Parameters<typeof verdictOf>[2] {
    const { attempts, random, domain } = this.#setting;
    return {
      operation: this.#operation,
      method: this.#method,
      domain,
      now: attempts.time(),
      // Only a failure that is retried needs a random number.
      get fraction() {
        return random.fraction();
      },
    };
  }

  /** Writes the outcome, and retries while the store does not answer and the lease is trusted. */
  async #write(verdict: Verdict): Promise<Ending> {
    const { attempts, pauses, random, tell, leaseMs } = this.#setting;
    this.#tellException(verdict);
    for (let failures = 1; !this.#over; failures++) {
      try {
        const answer = await writeVerdict(attempts, this.#operation, verdict, {
          leaseMs,
          unwritten: this.#unwritten,
        });
        if (answer !== "lost") return ENDINGS[verdict.verb];
        tell["attempt.refused"]?.(this.told);
        return "refused";
      } catch (error) {
        tell["attempt.write-failed"]?.({ ...this.told, failures, error });
        const instead = verdictOfRefusal(verdict, error, this.#verdictFacts());
        if (instead !== undefined) return this.#write(instead);
        if (!isTransient(error)) throw error;
        if (failures === 1) tell["attempt.write-delayed"]?.({ ...this.told, error });
        const goesOn = await pauses.pause(outageDelayMs(failures, random.fraction()));
        if (!goesOn || !this.#heartbeat.trusted) break;
      }
    }
    tell["attempt.dropped"]?.(this.told);
    return "dropped";
  }

  async #report(metadata: Payload): Promise<void> {
    if (this.#over) return;
    const { attempts, clock, leaseMs, tell } = this.#setting;
    const calledAt = clock.monotonic();
    try {
      const answer = await attempts.report(this.#operation, leaseMs, metadata);
      if (!answer.held) {
        this.#lose("lease-lost");
        return;
      }
      this.#heartbeat.renewed(calledAt);
      const { revision, leaseTime, cancelRequested } = answer;
      this.#operation = { ...this.#operation, metadata, revision, leaseTime };
      tell["attempt.reported"]?.(this.told);
      if (cancelRequested) this.#abort("cancelled");
    } catch (error) {
      tell["attempt.report-failed"]?.({ ...this.told, error });
      throw error;
    }
  }

  /** Whether this attempt must not write anything any more. */
  get #over(): boolean {
    return this.#lost || this.#removed;
  }

  #end(why: "lease-lost" | "deadline"): void {
    if (why === "deadline") this.#abort("deadline");
    else this.#lose("lease-lost");
  }

  #lose(why: "lease-lost" | "deadline"): void {
    if (this.#over) return;
    this.#lost = true;
    this.#heartbeat.stop();
    if (!this.#handlerEnded) this.#setting.tell["attempt.lost"]?.(this.told);
    this.#abort(why);
  }

  #abort(why: AbortCause): void {
    if (this.#handlerEnded || this.#why !== undefined) return;
    this.#why = why;
    this.#setting.tell["attempt.aborted"]?.({ ...this.told, why });
    this.#controller.abort(new AttemptAborted(why));
  }

  #tellException(verdict: Verdict): void {
    if (this.#over || verdict.verb !== "fail") return;
    const { error, exception } = verdict.failure;
    this.#span?.fail({ code: error.code, message: error.message, exception });
    if (exception === null) return;
    this.#setting.tell["attempt.threw"]?.({ ...this.told, exception });
  }
}
