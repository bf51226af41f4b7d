import type { Clock, Timer } from "../../core/ports/clock.ts";
import type { Tell } from "../../core/events.ts";
import type { Lease, LeaseNotice, RenewableLease } from "../../core/ports/lease-keeper.ts";
import type { RenewAnswer, RenewCommand } from "../../core/ports/store.ts";
import { type KeptLease, LeaseBook, type Renewal, renewalMs } from "./lease-book.ts";

/**
 * Renews several leases together. Returns answers in the order of the commands, undefined for each
 * failed renewal; never rejects.
 */
export type Renew = (commands: readonly Renewal[]) => RenewAnswers | Promise<RenewAnswers>;

/** `undefined`: the renewal failed. */
export type RenewAnswers = readonly (RenewAnswer | undefined)[];

/** The result of one round of renewals. */
export interface Round {
  /**
   * The monotonic time before the request to the store, so that a renewal never seems later than it
   * was.
   */
  readonly startedAt: number;
  readonly renewed: readonly Lease[];
  readonly notices: readonly LeaseNotice[];
}

/** Renews leases on time, and reports each round. */
export interface LeaseRenewals {
  /** As `LeaseKeeper.keep`. */
  keep(lease: RenewableLease, leaseMs: number, leftMs?: number): void;
  letGo(lease: Lease): void;
  /** Delivers the finished rounds that were not delivered yet. */
  catchUp(): void;
  /** Stops all renewals. */
  stop(): void;
}

/** Renews leases by a clock, on the current thread: one round at a time, with many leases each. */
export class Renewals implements LeaseRenewals {
  readonly #clock: Clock;
  readonly #renew: Renew;
  readonly #hear: (round: Round) => void;
  readonly #book = new LeaseBook();
  #timer: Timer | undefined;
  #timerAt = Number.POSITIVE_INFINITY;
  #underWay = false;
  #stopped = false;

  constructor(parts: {
    readonly clock: Clock;
    readonly renew: Renew;
    /** Receives each round. */
    readonly hear: (round: Round) => void;
  }) {
    this.#clock = parts.clock;
    this.#renew = parts.renew;
    this.#hear = parts.hear;
  }

  keep(lease: RenewableLease, leaseMs: number, leftMs = leaseMs): void {
    this.keepFrom(this.#clock.monotonic() + renewalMs(leaseMs, leftMs), lease, leaseMs);
  }

  /** @param dueAt the monotonic time of the first renewal; at once if it has passed */
  keepFrom(dueAt: number, lease: RenewableLease, leaseMs: number): void {
    this.#book.add(lease, leaseMs, dueAt);
    if (dueAt < this.#timerAt) this.#arm(dueAt);
  }

  letGo(lease: Lease): void {
    this.#book.remove(lease);
  }

  /** Every round is delivered when it ends. */
  catchUp(): void {}

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  #arm(at: number | undefined): void {
    this.#timer?.cancel();
    this.#timerAt = at ?? Number.POSITIVE_INFINITY;
    if (at === undefined || this.#stopped) return;
    this.#timer = this.#clock.after(at - this.#clock.monotonic(), () => void this.#ring());
  }

  /** Leases that become due during a round are renewed after it. */
  async #ring(): Promise<void> {
    if (this.#underWay) return;
    const startedAt = this.#clock.monotonic();
    const due = this.#book.due(startedAt);
    if (due.length > 0) {
      this.#underWay = true;
      const answers = await this.#renew(due.map(({ renewal }) => renewal));
      this.#underWay = false;
      this.#settle(due, answers, startedAt);
    }
    this.#arm(this.#book.nextAt());
  }

  #settle(due: readonly KeptLease[], answers: RenewAnswers, startedAt: number): void {
    const renewed: Lease[] = [];
    const notices: LeaseNotice[] = [];
    for (const [index, kept] of due.entries()) {
      const answer = answers[index];
      if (!this.#book.holds(kept)) continue;
      if (answer === undefined) {
        this.#book.postpone(kept, startedAt);
        continue;
      }
      if (answer.held) renewed.push(kept.lease);
      const notice = this.#book.settle(kept, answer, startedAt);
      if (notice !== undefined) notices.push(notice);
    }
    if (renewed.length + notices.length > 0) this.#hear({ startedAt, renewed, notices });
  }
}

/** Renews with the store's `write`, which batches concurrent commands into one commit. */
export function renewByWrite(write: (command: RenewCommand) => Promise<RenewAnswer>, tell: Tell): Renew {
  return async (commands) => {
    const answers = await Promise.allSettled(commands.map(write));
    const failed = answers.filter((each) => each.status === "rejected");
    if (failed.length > 0) {
      const error: unknown = failed[0]?.reason;
      tell["leases.not-renewed"]?.({ count: failed.length, error });
    }
    return answers.map((each) => (each.status === "fulfilled" ? each.value : undefined));
  };
}
