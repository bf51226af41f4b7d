import type { Clock, Timer } from "../core/ports/clock.ts";
import { LIMITS } from "../core/limits.ts";
import type { Lease, LeaseKeeper } from "../core/ports/lease-keeper.ts";

/** The parts of a heartbeat. */
export interface HeartbeatParts {
  readonly lease: Lease;
  readonly leaseMs: number;
  /** The length of the lease in the claim. @default leaseMs */
  readonly firstLeaseMs?: number | undefined;
  /** The monotonic start of the claiming call. */
  readonly calledAt: number;
  /** On the store's clock; null for none. */
  readonly deadlineTime: number | null;
  readonly keeper: LeaseKeeper;
  readonly clock: Clock;
  /** The store's clock. */
  readonly time: () => number;
  /** Called at most once for each reason, when the attempt must end. */
  readonly end: (why: "lease-lost" | "deadline") => void;
}

/**
 * Tracks how long an attempt's lease can be trusted, and ends the attempt when it cannot be trusted
 * any more or its deadline passes.
 *
 * Source of truth: the store, which grants a lease until its own current time + `leaseMs`. That
 * time is after the *start* of the call that claimed or renewed, so on this process's monotonic
 * clock the lease holds at least until start + `leaseMs`, however wrong the clocks are and however
 * late the answer came. A margin is subtracted, for the time until an abort takes effect. No other
 * worker can hold the operation before that time, so two attempts are never trusted at once.
 *
 * The keeper renews outside the event loop. A handler that blocks the event loop delays the timer
 * here, while the keeper may have renewed many times, so the timer asks the keeper before it gives
 * the lease up.
 */
export class Heartbeat {
  readonly #parts: HeartbeatParts;
  readonly #trustMs: number;
  /** The monotonic time until which the lease is trusted, from calls of this thread. */
  #knownUntil: number;
  #timer: Timer | undefined;
  /** On the store's clock; null without a deadline, or once it was reported. */
  #deadlineTime: number | null;
  #ended = false;

  constructor(parts: HeartbeatParts) {
    this.#parts = parts;
    this.#knownUntil = parts.calledAt + trustMs(parts.firstLeaseMs ?? parts.leaseMs);
    this.#deadlineTime = parts.deadlineTime;
    this.#trustMs = trustMs(parts.leaseMs);
  }

  /** Starts the renewals and the timer. */
  start(): void {
    this.#parts.keeper.keep(this.#parts.lease, this.#parts.leaseMs);
    this.#arm();
  }

  /** Whether the attempt is certainly still the current one. */
  get trusted(): boolean {
    return this.#parts.clock.monotonic() < this.#trustedUntil();
  }

  /** Records a renewal by another call. @param calledAt the monotonic start of the call */
  renewed(calledAt: number): void {
    this.#knownUntil = Math.max(this.#knownUntil, calledAt + this.#trustMs);
  }

  /** Stops the renewals and the timer. Harmless when repeated. */
  stop(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#timer?.cancel();
    this.#parts.keeper.letGo(this.#parts.lease);
  }

  #trustedUntil(): number {
    const { keeper, lease, clock } = this.#parts;
    if (clock.monotonic() < this.#knownUntil) return this.#knownUntil;
    const renewedAt = keeper.renewedAt(lease);
    if (renewedAt !== undefined) this.renewed(renewedAt);
    return this.#knownUntil;
  }

  /**
   * One timer covers both ends. It is set for the earliest possible end; renewals do not move it.
   */
  #arm(): void {
    const { clock, time } = this.#parts;
    const trustLeftMs = this.#trustedUntil() - clock.monotonic();
    const deadlineLeftMs = (this.#deadlineTime ?? Number.POSITIVE_INFINITY) - time();
    this.#timer = clock.after(Math.min(trustLeftMs, deadlineLeftMs), () => this.#ring());
  }

  #ring(): void {
    if (this.#ended) return;
    const { time, end } = this.#parts;
    if (!this.trusted) {
      this.stop();
      end("lease-lost");
      return;
    }
    if (this.#deadlineTime !== null && time() >= this.#deadlineTime) {
      // The lease is still tracked, because the outcome must be written.
      this.#deadlineTime = null;
      end("deadline");
    }
    if (!this.#ended) this.#arm();
  }
}

/**
 * How long a lease of `leaseMs` is trusted, from the start of the call that granted it. The margin
 * of a long lease is proportional to it, because the store's clock may run faster than ours by that
 * fraction.
 */
export function trustMs(leaseMs: number): number {
  const marginMs = Math.min(LIMITS.leaseMarginMs, leaseMs / 5);
  return leaseMs - Math.max(marginMs, leaseMs * LIMITS.clockMovePart);
}
