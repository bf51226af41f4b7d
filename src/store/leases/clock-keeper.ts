import type { Clock, Timer } from "../../core/ports/clock.ts";
import type { Tell } from "../../core/events.ts";
import type { Lease, LeaseKeeper, LeaseNotice, RenewAnswer, RenewCommand } from "../../core/ports/store.ts";
import { LeaseBook } from "./lease-book.ts";
import { Listeners } from "../listeners.ts";

/**
 * Keeps leases from the event loop, on whatever clock it is given: for a store in memory, which ends with its process
 * anyway, and for clocks that a test turns.
 */
export class ClockKeeper implements LeaseKeeper {
  readonly #clock: Clock;
  readonly #tell: Tell;
  readonly #renew: (command: RenewCommand) => Promise<RenewAnswer>;
  readonly #book = new LeaseBook<string>();
  readonly #renewedAt = new Map<string, number>();
  readonly #listeners: Listeners<LeaseNotice>;
  #timer: Timer | undefined;
  #timerAt = Number.POSITIVE_INFINITY;
  #stopped = false;

  constructor(parts: {
    readonly clock: Clock;
    readonly tell: Tell;
    readonly renew: (command: RenewCommand) => Promise<RenewAnswer>;
  }) {
    this.#clock = parts.clock;
    this.#tell = parts.tell;
    this.#renew = parts.renew;
    this.#listeners = new Listeners(parts.tell);
  }

  keep(lease: Lease, leaseMs: number): void {
    this.letGo(lease);
    const dueAt = this.#book.add(keyOf(lease), lease, leaseMs, this.#clock.monotonic());
    if (dueAt < this.#timerAt) this.#arm(dueAt);
  }

  letGo(lease: Lease): void {
    this.#book.remove(keyOf(lease));
    this.#renewedAt.delete(keyOf(lease));
  }

  renewedAt(lease: Lease): number | undefined {
    return this.#renewedAt.get(keyOf(lease));
  }

  watch(listener: (notice: LeaseNotice) => void): () => void {
    return this.#listeners.add(listener);
  }

  /** Renews nothing any more. */
  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  #arm(at: number | undefined): void {
    this.#timer?.cancel();
    this.#timerAt = at ?? Number.POSITIVE_INFINITY;
    if (at === undefined || this.#stopped) return;
    this.#timer = this.#clock.after(at - this.#clock.monotonic(), () => void this.#cycle());
  }

  async #cycle(): Promise<void> {
    const startedAt = this.#clock.monotonic();
    const due = this.#book.due(startedAt);
    for (const [, kept] of due) this.#book.postpone(kept, startedAt);
    this.#arm(this.#book.nextAt());
    if (due.length === 0) return;
    const answers = await Promise.allSettled(
      due.map(([, { lease, leaseMs }]) => this.#renew({ verb: "renew", ...lease, leaseMs, metadata: null })),
    );
    for (const [index, [key, kept]] of due.entries()) {
      const answer = answers[index];
      if (answer?.status !== "fulfilled" || !this.#book.holds(key, kept)) continue;
      if (answer.value.held) this.#renewedAt.set(key, startedAt);
      const notice = this.#book.settle(kept, answer.value, startedAt);
      if (notice !== undefined) this.#listeners.tell(notice);
    }
    const failed = answers.filter((each) => each.status === "rejected");
    if (failed.length > 0 && !this.#stopped) {
      const error: unknown = failed[0]?.reason;
      this.#tell["leases.not-renewed"]?.({ count: failed.length, error });
    }
    this.#arm(this.#book.nextAt());
  }
}

function keyOf(lease: Lease): string {
  return `${lease.id}/${lease.attempt}`;
}
