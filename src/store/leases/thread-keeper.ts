import type { Clock } from "../../core/ports/clock.ts";
import type { Tell } from "../../core/events.ts";
import type { Lease, LeaseKeeper, LeaseNotice } from "../../core/ports/store.ts";
import type { LeaseSlots } from "./lease-slots.ts";
import { Listeners } from "../listeners.ts";
import { processMs, processTime } from "./process-time.ts";

/** The thread looks for new leases twelve times in the shortest of them: it knows each long before a third has passed. */
const SCAN_FRACTION = 12;

/** Asks the thread to look for new leases at once, and so often from then on. */
export interface ScanRequest {
  readonly type: "scan";
  readonly everyMs: number;
}

/** The thread that renews. */
export interface LeaseThread {
  /** Has the thread look for new leases at once, and so often from then on. */
  scan(everyMs: number): void;
  /** Sets who hears of lost leases and cancellation requests. */
  onNotices(listener: (notices: readonly LeaseNotice[]) => void): void;
}

/**
 * Keeps leases in a thread of their own or of the store's: renewals go on while the event loop is blocked, and `renewedAt`
 * reads memory that the thread writes, so that it is right in the very moment in which a blocked event loop comes back.
 *
 * The thread finds the leases in memory, too. It is told of one only if that is shorter than all before and has to be found
 * sooner: this costs a message for the first lease, and for most others none.
 */
export class ThreadKeeper implements LeaseKeeper {
  readonly #thread: LeaseThread;
  readonly #slots: LeaseSlots;
  readonly #slotOf = new Map<string, number>();
  readonly #listeners: Listeners<LeaseNotice>;
  /** From the clock that threads share to the one that the process is given: the latter is this much behind. */
  readonly #offsetMs: number;
  #shortestMs = Number.POSITIVE_INFINITY;

  constructor(parts: {
    readonly thread: LeaseThread;
    readonly slots: LeaseSlots;
    readonly clock: Clock;
    readonly tell: Tell;
  }) {
    this.#thread = parts.thread;
    this.#slots = parts.slots;
    this.#listeners = new Listeners(parts.tell);
    // In this order: what passes between the two makes renewals look older, never younger.
    const ownMs = parts.clock.monotonic();
    this.#offsetMs = processMs(processTime()) - ownMs;
    parts.thread.onNotices((notices) => this.#hear(notices));
  }

  keep(lease: Lease, leaseMs: number): void {
    this.letGo(lease);
    this.#slotOf.set(keyOf(lease), this.#slots.take(lease, leaseMs, processTime()));
    if (leaseMs >= this.#shortestMs) return;
    this.#shortestMs = leaseMs;
    this.#thread.scan(leaseMs / SCAN_FRACTION);
  }

  letGo(lease: Lease): void {
    const slot = this.#slotOf.get(keyOf(lease));
    if (slot === undefined) return;
    this.#slotOf.delete(keyOf(lease));
    this.#slots.release(slot);
  }

  renewedAt(lease: Lease): number | undefined {
    const slot = this.#slotOf.get(keyOf(lease));
    const at = slot === undefined ? undefined : this.#slots.renewedAt(slot);
    return at === undefined ? undefined : processMs(at) - this.#offsetMs;
  }

  watch(listener: (notice: LeaseNotice) => void): () => void {
    return this.#listeners.add(listener);
  }

  /** A lease may have been let go while the notice was on its way. */
  #hear(notices: readonly LeaseNotice[]): void {
    for (const notice of notices) if (this.#slotOf.has(keyOf(notice.lease))) this.#listeners.tell(notice);
  }
}

function keyOf(lease: Lease): string {
  return `${lease.id}/${lease.attempt}`;
}
