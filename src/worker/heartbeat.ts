import type { Clock, Timer } from "../core/ports/clock.ts";
import { LIMITS } from "../core/limits.ts";
import type { Lease, LeaseKeeper } from "../core/ports/lease-keeper.ts";

/** What a heartbeat is made with. */
export interface HeartbeatParts {
  readonly lease: Lease;
  readonly leaseMs: number;
  /** How long the lease is that the claim gave. @default leaseMs */
  readonly firstLeaseMs?: number | undefined;
  /** Monotonic start of the call that claimed. */
  readonly calledAt: number;
  /** On the store's clock; null for none. */
  readonly deadlineTime: number | null;
  readonly keeper: LeaseKeeper;
  readonly clock: Clock;
  /** The store's clock. */
  readonly time: () => number;
  /** Is called once for each, when the attempt has to end. */
  readonly end: (why: "lease-lost" | "deadline") => void;
}

/**
 * Knows how long an attempt's lease can be trusted, and ends the attempt when it cannot any more or its deadline passes.
 *
 * The store is the authority: it gives a lease until its own now + `leaseMs`. That instant is after the *start* of the call
 * that claimed or renewed, so on this process's monotonic clock the lease holds at least until start + `leaseMs`,
 * however wrong the clocks are and however late the answer came. A margin comes off, for the time that an abort
 * takes to be seen. Nobody else can hold the attempt's operation before that instant, so two attempts are never trusted at
 * once.
 *
 * The keeper renews outside the event loop. A handler that blocks the loop makes the timer here late, and by then the
 * keeper may have renewed many times; so the timer asks the keeper before it gives the lease up.
 */
export class Heartbeat {
  readonly #parts: HeartbeatParts;
  readonly #trustMs: number;
  /** By what is known already. Monotonic. */
  #knownUntil: number;
  #timer: Timer | undefined;
  /** On the store's clock; null once it has been told, and where there is none. */
  #deadlineTime: number | null;
  #ended = false;

  constructor(parts: HeartbeatParts) {
    this.#parts = parts;
    this.#knownUntil = parts.calledAt + trustMs(parts.firstLeaseMs ?? parts.leaseMs);
    this.#deadlineTime = parts.deadlineTime;
    this.#trustMs = trustMs(parts.leaseMs);
  }

  /** Begins to renew and to watch the time. */
  start(): void {
    this.#parts.keeper.keep(this.#parts.lease, this.#parts.leaseMs);
    this.#arm();
  }

  /** Whether the attempt is certainly still the current one. */
  get trusted(): boolean {
    return this.#parts.clock.monotonic() < this.#trustedUntil();
  }

  /** Tells of a renewal by other means. @param calledAt monotonic start of the call */
  renewed(calledAt: number): void {
    this.#knownUntil = Math.max(this.#knownUntil, calledAt + this.#trustMs);
  }

  /** Stops to renew and to watch. Harmless when repeated. */
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

  /** One timer for both ends. It stands at the earliest instant that either can come; renewals do not move it. */
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
      // The lease is watched on, since the outcome has yet to be written.
      this.#deadlineTime = null;
      end("deadline");
    }
    if (!this.#ended) this.#arm();
  }
}

/**
 * How long a lease of `leaseMs` is trusted after the start of the call that gave it. The margin of a long one is a part of it,
 * since the store's clock may be faster than ours by as much.
 */
export function trustMs(leaseMs: number): number {
  const marginMs = Math.min(LIMITS.leaseMarginMs, leaseMs / 5);
  return leaseMs - Math.max(marginMs, leaseMs * LIMITS.clockMovePart);
}
