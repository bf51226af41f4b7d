import type { Clock } from "../../core/clock.ts";
import type { Log } from "../../core/log.ts";
import type { Lease, LeaseKeeper, LeaseNotice } from "../../core/store.ts";
import type { LeaseSlots } from "./lease-slots.ts";
import { Listeners } from "./listeners.ts";
import { processTime } from "./process-time.ts";
import type { ThreadWriter } from "./thread-writer.ts";

const NANOSECONDS_PER_MS = 1e6;

/**
 * Keeps leases in the writer's thread: renewals go on while the event loop is blocked, and `renewedAt` reads memory that
 * the thread writes, so that it is right in the very moment in which a blocked event loop comes back.
 */
export class ThreadKeeper implements LeaseKeeper {
  readonly #writer: ThreadWriter;
  readonly #slots: LeaseSlots;
  readonly #slotOf = new Map<string, number>();
  readonly #listeners: Listeners<LeaseNotice>;
  /** From the clock that threads share to the one that the process is given: the latter is this much behind. */
  readonly #offsetMs: number;

  constructor(parts: {
    readonly writer: ThreadWriter;
    readonly slots: LeaseSlots;
    readonly clock: Clock;
    readonly log: Log;
  }) {
    this.#writer = parts.writer;
    this.#slots = parts.slots;
    this.#listeners = new Listeners(parts.log);
    // In this order: what passes between the two makes renewals look older, never younger.
    const ownMs = parts.clock.monotonic();
    this.#offsetMs = Number(processTime()) / NANOSECONDS_PER_MS - ownMs;
    parts.writer.onNotices((notices) => this.#hear(notices));
  }

  keep(lease: Lease, leaseMs: number): void {
    this.letGo(lease);
    const slot = this.#slots.take();
    this.#slotOf.set(keyOf(lease), slot);
    this.#writer.keep(slot, lease, leaseMs);
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
    return at === undefined ? undefined : Number(at) / NANOSECONDS_PER_MS - this.#offsetMs;
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
