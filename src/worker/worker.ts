import type { AttemptFacts, WorkerPort, Claimant, Reservation } from "../core/ports/worker-port.ts";
import type { Clock, Timer } from "../core/ports/clock.ts";
import { DOMAIN_DEFAULT } from "../core/error/error.ts";
import type { Tell } from "../core/events.ts";
import { LIMITS } from "../core/limits.ts";
import type { AttemptToken } from "../core/method/attempt-details.ts";
import { Bag } from "../core/value/bag.ts";
import { Belongings } from "../core/value/belongings.ts";
import type { Method } from "../core/method/method.ts";
import { formatName } from "../core/operation/name.ts";
import type { Operation } from "../core/operation/operation.ts";
import type { Random } from "../core/ports/random.ts";
import type { Tracing } from "../core/ports/tracing.ts";
import type { Change } from "../core/ports/store.ts";
import { Attempt } from "./attempt.ts";
import type { AttemptSetting } from "./attempt-setting.ts";
import { ClaimLoop, type ClaimLoopParts, type Claims } from "./claim-loop.ts";
import { Pauses } from "./outage.ts";
import { Slots } from "./slots.ts";
import { Recent } from "../core/value/recent.ts";

const RUNNING = Symbol("running attempt");

/** The parts of a worker. */
export interface WorkerParts {
  readonly attempts: WorkerPort;
  /** The methods to run, by name. */
  readonly methods: ReadonlyMap<string, Method>;
  readonly clock: Clock;
  readonly random: Random;
  readonly tell: Tell;
  /** @default no tracing */
  readonly tracing?: Tracing | undefined;
  /** Distinguishes this worker's claims from all others. */
  readonly name: string;
  /** The `domain` of errors to which the handler gave no ErrorInfo. @default "longrunning" */
  readonly domain?: string;
  /** The most concurrent handlers, over all methods. @default LIMITS.concurrency */
  readonly concurrency?: number;
  /** @default LIMITS.leaseMs */
  readonly leaseMs?: number;
  /** Lets other processes end attempts of the service's own handlers. @default disabled */
  readonly attemptToken?: AttemptToken | undefined;
  /** Decides when to claim. @default a {@link ClaimLoop} */
  readonly claims?: (parts: ClaimLoopParts) => Claims;
}

/**
 * Runs the handlers of this process: claims operations, or takes those started here, and passes
 * each to an {@link Attempt}. It manages slots and stopping; {@link ClaimLoop} decides on claims.
 *
 * Stopping has three steps, each with a time limit: running handlers may finish (`drainMs`); their
 * signals are aborted and they may stop (`LIMITS.drainAbortMs`); their leases are released, for
 * others to claim (`LIMITS.drainAbortMs` for the writes). The leases of the rest expire.
 */
export class Worker implements Claimant {
  readonly #parts: WorkerParts;
  readonly #setting: AttemptSetting;
  readonly #slots: Slots;
  readonly #claims: Claims;
  /** By operation id; several only if an older attempt ignores that it lost its lease. */
  readonly #running = new Map<string, Bag<Attempt>>();
  /** Cancellations and removals of operations that do not run here, or not yet; the latest last. */
  readonly #early = new Recent<string, Change>(EARLY_MAX);
  readonly #unwatch: (() => void)[] = [];
  /** The number of claims being released. */
  #givingBack = 0;
  #started = false;
  #stopping = false;
  /** Set while stopping, once no claim can return anything more. */
  #claimsEnded = false;
  #stopTimers: Timer[] = [];
  #aborted = false;
  #abandoned: readonly AttemptFacts[] = [];
  #stopped: Promise<void> | undefined;
  readonly #idle = Promise.withResolvers<void>();
  readonly #gaveUp = Promise.withResolvers<void>();

  constructor(parts: WorkerParts) {
    const { concurrency = LIMITS.concurrency, leaseMs = LIMITS.leaseMs, domain = DOMAIN_DEFAULT } = parts;
    const { attempts, methods, clock, random, tell, tracing, attemptToken } = parts;
    this.#parts = parts;
    const setting = { attempts, clock, random, tell, leaseMs, pauses: new Pauses(clock) };
    this.#setting = { ...setting, tracing, domain, attemptToken, belongings: new Belongings() };
    this.#slots = new Slots(methods.values(), concurrency);
    this.#claims = (parts.claims ?? ((each) => new ClaimLoop(each)))({
      ...setting,
      slots: this.#slots,
      methods: [...methods.keys()],
      worker: parts.name,
      run: (operation, calledAt) => this.#runClaimed(operation, calledAt),
    });
  }

  /** Distinguishes its claims from all others. */
  get name(): string {
    return this.#parts.name;
  }

  /** The number of running handlers, and of slots reserved for starts in progress. */
  get running(): number {
    return this.#slots.taken;
  }

  /** Handlers that did not stop when told to, and run until the process ends. */
  get abandoned(): readonly AttemptFacts[] {
    return this.#abandoned;
  }

  /** Starts to claim. Call it once. */
  start(): void {
    if (this.#started || this.#stopping) return;
    this.#started = true;
    const { attempts } = this.#parts;
    this.#unwatch.push(
      attempts.watch((changes) => this.#notice(changes)),
      attempts.keeper.watch(({ lease, event }) => {
        for (const attempt of this.#running.get(lease.id) ?? []) {
          if (attempt.lease.attempt === lease.attempt) attempt.noticeLease(event);
        }
      }),
    );
    this.#claims.start();
  }

  /** Begins no new attempts of these methods, only of others. Running attempts continue. */
  pause(methods: ReadonlySet<string>): void {
    this.#slots.pause(methods);
    this.#claims.slotsPaused();
  }

  /** Undefined while the worker stops, or if older or more urgent work may be waiting. */
  reserve(method: string): Reservation | undefined {
    if (!this.#started || this.#stopping || this.#claims.mayHaveWork(method)) return undefined;
    if (!this.#slots.take(method)) return undefined;
    const { leaseMs } = this.#setting;
    return {
      worker: this.#parts.name,
      leaseMs,
      run: (operation, calledAt) => this.#runReserved(operation, calledAt),
      cancel: () => this.#free(method),
    };
  }

  /**
   * Stops the worker. Resolves when nothing of it is running, or when all time limits are over. A
   * second call joins the first, and may shorten its drain.
   *
   * @param options.drainMs until running handlers' signals are aborted. @default LIMITS.drainMs
   */
  stop(options: { readonly drainMs?: number } = {}): Promise<void> {
    this.#stopping = true;
    const { drainMs = LIMITS.drainMs } = options;
    if (!this.#aborted) this.#stopTimers.push(this.#parts.clock.after(drainMs, () => this.#abort()));
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    const allDone = (async () => {
      await this.#claims.stop();
      this.#claimsEnded = true;
      this.#checkIdle();
      await this.#idle.promise;
    })();
    await Promise.race([allDone, this.#gaveUp.promise]);
    for (const timer of this.#stopTimers) timer.cancel();
    for (const unwatch of this.#unwatch.splice(0)) unwatch();
    this.#setting.pauses.stop();
    this.#setting.belongings.close();
  }

  #abort(): void {
    if (this.#aborted) return;
    this.#aborted = true;
    const { clock, tell } = this.#parts;
    for (const attempt of this.#attempts()) attempt.shutDown();
    const abandon = clock.after(LIMITS.drainAbortMs, () => {
      this.#abandoned = this.#attempts().map(({ facts }) => facts);
      for (const { told } of this.#attempts()) tell["attempt.abandoned"]?.(told);
      for (const attempt of this.#attempts()) attempt.abandon();
      const giveUp = clock.after(LIMITS.drainAbortMs, () => {
        tell["worker.gave-up"]?.({ running: this.running });
        this.#gaveUp.resolve();
      });
      this.#stopTimers.push(giveUp);
    });
    this.#stopTimers.push(abandon);
  }

  #runClaimed(operation: Operation, calledAt: number): void {
    const method = this.#parts.methods.get(operation.method);
    if (this.#stopping || method === undefined || !this.#slots.take(operation.method)) {
      void this.#giveBack(operation);
      return;
    }
    void this.#run(method, operation, calledAt);
  }

  #runReserved(operation: Operation, calledAt: number): void {
    const method = this.#parts.methods.get(operation.method);
    if (this.#stopping || method === undefined) {
      void this.#giveBack(operation);
      this.#free(operation.method);
      return;
    }
    void this.#run(method, operation, calledAt);
  }

  /** Runs an attempt whose slot was already taken. */
  async #run(method: Method, operation: Operation, calledAt: number): Promise<void> {
    const attempt = new Attempt(this.#setting, method, operation, calledAt);
    const { id } = operation;
    this.#tellClaim(operation);
    let running = this.#running.get(id);
    if (running === undefined) this.#running.set(id, (running = new Bag(RUNNING, attempt)));
    else running.add(attempt);
    const early = this.#early.get(id);
    this.#early.delete(id);
    // In the next turn, when the handler listens to its signal.
    if (early !== undefined) this.#parts.clock.soon(() => attempt.notice(early));
    let isWriting = false;
    // Never rejects: a bug in an attempt costs only that attempt its lease.
    await attempt.run(() => {
      isWriting = true;
      this.#slots.beginWrite(operation.method);
      this.#claims.slotFreed();
    });
    running.delete(attempt);
    if (running.size === 0) this.#running.delete(id);
    if (isWriting) this.#slots.endWrite();
    else this.#slots.give(operation.method);
    this.#slotFreed();
  }

  #tellClaim(operation: Operation): void {
    const { method, attempt, availableTime, leaseTime } = operation;
    const claimTime = (leaseTime ?? availableTime) - this.#setting.leaseMs;
    this.#parts.tell["attempt.claimed"]?.({
      operation: formatName(operation),
      method,
      attempt,
      worker: this.#parts.name,
      waitMs: Math.max(0, claimTime - availableTime),
    });
  }

  async #giveBack(operation: Operation): Promise<void> {
    this.#givingBack++;
    try {
      await this.#parts.attempts.release(operation);
    } catch (error) {
      this.#parts.tell["claim.unreturned"]?.({ operation: formatName(operation), error });
    }
    this.#givingBack--;
    this.#checkIdle();
  }

  #free(method: string): void {
    this.#slots.give(method);
    this.#slotFreed();
  }

  #slotFreed(): void {
    this.#checkIdle();
    this.#claims.slotFreed();
  }

  #checkIdle(): void {
    if (this.#claimsEnded && this.#slots.isIdle && this.#givingBack === 0) this.#idle.resolve();
  }

  #notice(changes: readonly Change[]): void {
    for (const change of changes) {
      if (change.state === "PENDING") {
        if (this.#parts.methods.has(change.method)) this.#claims.hint(change.method, change.availableTime);
      } else {
        const attempts = this.#running.get(change.id);
        for (const attempt of attempts ?? []) attempt.notice(change);
        if (attempts === undefined && (change.cancelRequested || change.state === null))
          this.#remember(change);
      }
    }
  }

  /** For operations cancelled or removed before their claim is answered: tells the attempt. */
  #remember(change: Change): void {
    this.#early.set(change.id, change);
  }

  /** Earlier attempts of an operation first. */
  #attempts(): readonly Attempt[] {
    return [...this.#running.values()].flatMap((attempts) => [...attempts].toReversed());
  }
}

/** The number of remembered changes: more than are ever claimed and cancelled within one claim. */
const EARLY_MAX = 1_000;
