import { LIMITS } from "../core/limits.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { Lease } from "../core/ports/lease-keeper.ts";
import type { RenewAnswer, RenewCommand } from "../core/ports/store.ts";
import type { RenewalAnswer, RenewalEntry, WorkerCalls } from "../core/ports/worker-calls.ts";
import { keyOf } from "../store/leases/lease-book.ts";
import { type LeaseRenewals, type RenewAnswers, Renewals, type Round } from "../store/leases/renewals.ts";
import type { RemoteLease } from "../worker/remote/remote-lease.ts";

/** The parts of renewals over a network. */
export interface RemoteRenewalsParts {
  readonly calls: Pick<WorkerCalls, "renew">;
  readonly clock: Clock;
  /** Called with each round. */
  readonly hear: (round: Round) => void;
  /** Called after the first of several consecutive failures. */
  readonly failed: (count: number, error: unknown) => void;
}

/** Renews leases over a network, in the thread in which it is created. */
export class RemoteRenewals implements LeaseRenewals {
  readonly #parts: RemoteRenewalsParts;
  readonly #renewals: Renewals;
  readonly #kept = new Map<string, RemoteLease>();
  #isFailing = false;

  constructor(parts: RemoteRenewalsParts) {
    const { clock, hear } = parts;
    this.#parts = parts;
    this.#renewals = new Renewals({ clock, hear, renew: (commands) => this.#renew(commands) });
  }

  /** @param lease a {@link RemoteLease} */
  keep(lease: Lease, leaseMs: number): void {
    const { leftMs, ...remote } = lease as RemoteLease;
    this.#kept.set(keyOf(lease), { leftMs, ...remote });
    this.#renewals.keep({ id: lease.id, attempt: lease.attempt }, leaseMs, leftMs);
  }

  letGo(lease: Lease): void {
    this.#kept.delete(keyOf(lease));
    this.#renewals.letGo(lease);
  }

  catchUp(): void {
    this.#renewals.catchUp();
  }

  stop(): void {
    this.#renewals.stop();
  }

  /**
   * Tries each renewal once: a failure does not give the lease up, and the next attempt comes soon.
   */
  async #renew(commands: readonly RenewCommand[]): Promise<RenewAnswers> {
    const answers = new Map<RenewCommand, RenewAnswer | undefined>();
    const calls: Promise<void>[] = [];
    for (const [leaseMs, some] of Map.groupBy(commands, (each) => each.leaseMs)) {
      for (let from = 0; from < some.length; from += LIMITS.remoteEntriesMax) {
        const part = some.slice(from, from + LIMITS.remoteEntriesMax);
        calls.push(this.#call(part, leaseMs, answers));
      }
    }
    await Promise.all(calls);
    return commands.map((command) => answers.get(command));
  }

  async #call(
    commands: readonly RenewCommand[],
    leaseMs: number,
    answers: Map<RenewCommand, RenewAnswer | undefined>,
  ): Promise<void> {
    // Leases dropped meanwhile need no renewal.
    const kept = commands.filter((command) => this.#kept.has(keyOf(command)));
    if (kept.length === 0) return;
    const entries = kept.map((command) => entryOf(this.#kept.get(keyOf(command)) as RemoteLease));
    try {
      const answered = await this.#parts.calls.renew(leaseMs, entries, { timeoutMs: answerMs(leaseMs) });
      for (const [index, command] of kept.entries()) answers.set(command, answerOf(answered[index], leaseMs));
      this.#isFailing = false;
    } catch (error) {
      if (!this.#isFailing) this.#parts.failed(kept.length, error);
      this.#isFailing = true;
    }
  }
}

function entryOf({ name, attempt, token }: RemoteLease): RenewalEntry {
  return { attempt: { name, attempt, token }, metadata: null };
}

/** The longest time for an answer: short enough for another attempt. */
function answerMs(leaseMs: number): number {
  const { renewalAnswerMsMin, renewalAnswerMsMax, renewalAnswerPart } = LIMITS;
  return Math.min(renewalAnswerMsMax, Math.max(renewalAnswerMsMin, leaseMs * renewalAnswerPart));
}

/**
 * A lease shorter than requested does not count, because the attempt relies on the requested
 * length.
 */
function answerOf(answer: RenewalAnswer | undefined, leaseMs: number): RenewAnswer | undefined {
  if (answer === undefined) return undefined;
  if (!answer.held) return { held: false };
  if (answer.leaseMs < leaseMs) return undefined;
  return { held: true, leaseTime: 0, revision: 0, cancelRequested: answer.cancelRequested };
}
