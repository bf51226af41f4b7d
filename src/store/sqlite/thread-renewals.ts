import { type Clock, type Timer } from "../../core/clock.ts";
import type { LeaseNotice, RenewAnswer, RenewCommand } from "../../core/store.ts";
import { LeaseBook } from "./lease-book.ts";
import type { LeaseSlots } from "./lease-slots.ts";
import { processTime } from "./process-time.ts";
import type { ToWriter } from "./messages.ts";

/** Forgets leases that were let go when so many are noted, and again whenever the number has doubled since. */
const SWEEP_FROM = 256;

/** The half of the keeper that lives in the writer's thread: renews on time, whatever the main thread is busy with. */
export class ThreadRenewals {
  readonly #clock: Clock;
  readonly #slots: LeaseSlots;
  readonly #renew: (commands: readonly RenewCommand[]) => readonly RenewAnswer[] | undefined;
  readonly #tell: (notices: readonly LeaseNotice[]) => void;
  readonly #book = new LeaseBook<number>();
  #sweepAt = SWEEP_FROM;
  #timer: Timer | undefined;
  #timerAt = Number.POSITIVE_INFINITY;

  constructor(parts: {
    readonly clock: Clock;
    readonly slots: LeaseSlots;
    /** Undefined when the renewals failed as a whole. */
    readonly renew: (commands: readonly RenewCommand[]) => readonly RenewAnswer[] | undefined;
    readonly tell: (notices: readonly LeaseNotice[]) => void;
  }) {
    this.#clock = parts.clock;
    this.#slots = parts.slots;
    this.#renew = parts.renew;
    this.#tell = parts.tell;
  }

  /** Renews the lease from now on, and tells of it in the slot. */
  keep({ slot, lease, leaseMs }: Extract<ToWriter, { type: "keep" }>): void {
    if (this.#book.size >= this.#sweepAt) this.#forgetReleased();
    const dueAt = this.#book.add(slot, lease, leaseMs, this.#clock.monotonic());
    if (dueAt < this.#timerAt) this.#arm(dueAt);
  }

  stop(): void {
    this.#timer?.cancel();
  }

  #arm(at: number | undefined): void {
    this.#timer?.cancel();
    this.#timerAt = at ?? Number.POSITIVE_INFINITY;
    if (at !== undefined) this.#timer = this.#clock.after(at - this.#clock.monotonic(), () => this.#cycle());
  }

  #cycle(): void {
    this.#forgetReleased();
    // Both before the store's time is asked: a renewal is never told to be later than it was.
    const startedAt = this.#clock.monotonic();
    const startedAtShared = processTime();
    const due = this.#book.due(startedAt);
    const answers =
      due.length === 0
        ? []
        : this.#renew(
            due.map(([, { lease, leaseMs }]) => ({ verb: "renew", ...lease, leaseMs, metadata: null })),
          );
    const notices: LeaseNotice[] = [];
    for (const [index, [slot, kept]] of due.entries()) {
      if (answers === undefined) {
        this.#book.postpone(kept, startedAt);
        continue;
      }
      if (answers[index]?.held === true) this.#slots.renewed(slot, startedAtShared);
      const notice = this.#book.settle(kept, answers[index], startedAt);
      if (notice !== undefined) notices.push(notice);
    }
    if (notices.length > 0) this.#tell(notices);
    this.#arm(this.#book.nextAt());
  }

  #forgetReleased(): void {
    for (const slot of this.#book.keys()) {
      if (!this.#slots.isReleased(slot)) continue;
      this.#book.remove(slot);
      this.#slots.free(slot);
    }
    this.#sweepAt = Math.max(SWEEP_FROM, this.#book.size * 2);
  }
}
