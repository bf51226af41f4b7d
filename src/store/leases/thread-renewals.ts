import type { Clock, Timer } from "../../core/ports/clock.ts";
import type { LeaseNotice, RenewAnswer, RenewCommand } from "../../core/ports/store.ts";
import { type KeptLease, LeaseBook } from "./lease-book.ts";
import type { LeaseSlots } from "./lease-slots.ts";
import { processMs } from "./process-time.ts";
import type { ScanRequest } from "./thread-keeper.ts";

/** Answers to renewals, in their order; undefined for each that failed. */
export type Renewed = readonly (RenewAnswer | undefined)[];

interface Parts {
  /** For timers. */
  readonly clock: Clock;
  /** `processTime`, by which the owner tells when a lease was kept. */
  readonly time: () => bigint;
  readonly slots: LeaseSlots;
  readonly renew: (commands: readonly RenewCommand[]) => Renewed | Promise<Renewed>;
  readonly tell: (notices: readonly LeaseNotice[]) => void;
}

/**
 * The half of the keeper that lives in the thread: renews on time, whatever the main thread is busy with.
 *
 * It looks at the slots regularly, takes the leases that are new there into its book, and strikes out those that were let go. A
 * lease is due a third of its time after it was kept, however much later it was found. Before the first lease it does nothing at
 * all.
 */
export class ThreadRenewals {
  readonly #parts: Parts;
  /** By slot; on `processTime`, in milliseconds. */
  readonly #book = new LeaseBook<number>();
  #scanEveryMs = Number.POSITIVE_INFINITY;
  #scanAt = Number.POSITIVE_INFINITY;
  #timer: Timer | undefined;
  #underWay = false;
  #stopped = false;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Looks for new leases now, and so often from now on. */
  scan({ everyMs }: ScanRequest): void {
    this.#scanEveryMs = everyMs;
    this.#turn();
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  #turn(): void {
    if (this.#stopped) return;
    this.#scan();
    if (!this.#underWay) void this.#renewDue();
    this.#arm();
  }

  /** For whatever comes first. What becomes due while renewals are under way is renewed after them. */
  #arm(): void {
    this.#timer?.cancel();
    if (this.#stopped) return;
    const renewAt = (this.#underWay ? undefined : this.#book.nextAt()) ?? Number.POSITIVE_INFINITY;
    const delayMs = Math.min(renewAt, this.#scanAt) - processMs(this.#parts.time());
    this.#timer = this.#parts.clock.after(delayMs, () => this.#turn());
  }

  #scan(): void {
    const { slots, time } = this.#parts;
    this.#scanAt = processMs(time()) + this.#scanEveryMs;
    const { end } = slots;
    for (let slot = 0; slot < end; slot++) {
      const found = slots.adopt(slot);
      if (found !== undefined) this.#book.add(slot, found.lease, found.leaseMs, processMs(found.keptAt));
      else if (slots.isReleased(slot)) {
        this.#book.remove(slot);
        slots.free(slot);
      }
    }
    slots.scanned();
  }

  async #renewDue(): Promise<void> {
    const { time, renew, tell } = this.#parts;
    // Before the store's time is asked: a renewal is never told to be later than it was.
    const startedAt = time();
    const due = this.#book.due(processMs(startedAt));
    if (due.length === 0) return;
    this.#underWay = true;
    const answers = await renew(
      due.map(([, { lease, leaseMs }]) => ({ verb: "renew", ...lease, leaseMs, metadata: null })),
    );
    const notices = this.#settle(due, answers, startedAt);
    if (notices.length > 0) tell(notices);
    this.#underWay = false;
    this.#arm();
  }

  #settle(
    due: readonly (readonly [slot: number, KeptLease])[],
    answers: Renewed,
    startedAt: bigint,
  ): readonly LeaseNotice[] {
    const notices: LeaseNotice[] = [];
    for (const [index, [slot, kept]] of due.entries()) {
      // Let go meanwhile; the slot may be another lease's by now.
      if (!this.#book.holds(slot, kept)) continue;
      const answer = answers[index];
      if (answer === undefined) {
        this.#book.postpone(kept, processMs(startedAt));
        continue;
      }
      if (answer.held) this.#parts.slots.renewed(slot, startedAt);
      const notice = this.#book.settle(kept, answer, processMs(startedAt));
      if (notice !== undefined) notices.push(notice);
    }
    return notices;
  }
}
