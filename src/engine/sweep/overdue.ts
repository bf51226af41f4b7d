import type { Clock } from "../../core/ports/clock.ts";
import { StatusError } from "../../core/error/error.ts";
import { LIMITS } from "../../core/limits.ts";
import type { Tell } from "../../core/events.ts";
import { isUnconfirmed } from "../../core/operation/remote-worker.ts";
import { formatName } from "../../core/operation/name.ts";
import type { Method } from "../../core/method/method.ts";
import type { Operation } from "../../core/operation/operation.ts";
import type { Random } from "../../core/ports/random.ts";
import { RETRY_POLICY_DEFAULT, retryDelayMs } from "../../core/method/retry.ts";
import type { DueQuery } from "../../core/ports/store.ts";
import { transition } from "../../core/operation/transition.ts";
import type { Records } from "../records.ts";
import { Retries } from "./retries.ts";

/** The parts of {@link Overdue}. */
export interface OverdueParts {
  readonly records: Records;
  readonly methods: ReadonlyMap<string, Method>;
  readonly clock: Clock;
  readonly random: Random;
  readonly tell: Tell;
  /** The service's name, for the ErrorInfo of operations' errors. */
  readonly domain: string;
}

/** An attempt with an expired lease. */
interface LostAttempt extends Pick<Operation, "id" | "parent" | "method" | "attempt" | "worker"> {
  readonly how: "worker-lost" | "unconfirmed";
}

/**
 * Ends attempts with expired leases, and operations with expired deadlines.
 *
 * Words: a *walk* visits everything that is due once, page by page. Authority: the store decides by
 * its own clock which operations are due. `transition` decides each change from the record, and
 * compare-and-set applies it. For leases, it compares the lease too, because a renewal changes the
 * lease without a new revision. So two concurrent walks do no harm. On failure: the walk skips an
 * operation that it cannot end, and tries it again later (retries.ts). Only an unavailable store
 * ends the walk.
 */
export class Overdue {
  readonly #parts: OverdueParts;
  readonly #retries: Retries;

  constructor(parts: OverdueParts) {
    this.#parts = parts;
    this.#retries = new Retries("end", parts);
  }

  /**
   * @param goesOn called after each page
   * @returns the duration of the looks in milliseconds
   * @throws {StatusError} UNAVAILABLE if the store is unavailable
   */
  async walk(by: DueQuery["by"], goesOn: () => boolean = () => true): Promise<number> {
    const { records, clock } = this.#parts;
    let after: string | null = null;
    let lookMs = 0;
    do {
      const startedAt = clock.monotonic();
      const page = await records.store.due({ by, limit: LIMITS.sweepBatch, after });
      lookMs += clock.monotonic() - startedAt;
      await this.#endAll(page.ids.filter((id) => this.#retries.isDue(id)));
      after = page.next;
      // Without operations to end, a page would give other work no turn.
      if (after !== null) await new Promise<void>((resolve) => clock.soon(resolve));
    } while (after !== null && goesOn());
    return lookMs;
  }

  async #endAll(ids: readonly string[]): Promise<void> {
    const outcomes = await Promise.allSettled(ids.map((id) => this.#end(id)));
    const failures = outcomes.filter((outcome) => outcome.status === "rejected");
    const [first] = failures;
    if (first !== undefined && failures.length === ids.length && failures.every(isOutage)) throw first.reason;
    const lost: LostAttempt[] = [];
    for (const [index, id] of ids.entries()) {
      const outcome = outcomes[index];
      if (outcome?.status === "rejected") {
        this.#retries.fail(id, outcome.reason);
        continue;
      }
      this.#retries.succeed(id);
      if (outcome?.value !== undefined) lost.push(outcome.value);
    }
    this.#tell(lost);
  }

  /** @returns the attempt, if its lease had expired and it was ended for this reason */
  async #end(id: string): Promise<LostAttempt | undefined> {
    const { records, domain } = this.#parts;
    const due = await records.read(id);
    if (due === undefined) return undefined;
    const now = records.store.time();
    if (due.deadlineTime !== null && due.deadlineTime <= now) {
      await records.change(id, (operation) => transition(operation, { type: "deadline", now }, domain), {
        known: due,
      });
      return undefined;
    }
    const changed = await records.change(
      id,
      (operation) => {
        // A renewal may have followed the store's look.
        if ((operation.leaseTime ?? 0) > records.timeBounds().earliest) return { refused: "early" };
        const retryTime = now + this.#delayMs(operation);
        return transition(operation, { type: "expire", now, retryTime }, domain);
      },
      { known: due, fenceLease: true },
    );
    if (changed.operation === undefined || changed.refused !== undefined) return undefined;
    const { parent, method, attempt, worker } = due;
    return { id, parent, method, attempt, worker, how: isUnconfirmed(due) ? "unconfirmed" : "worker-lost" };
  }

  #delayMs(operation: Operation): number {
    const { methods, random } = this.#parts;
    const policy = methods.get(operation.method)?.retry ?? RETRY_POLICY_DEFAULT;
    return retryDelayMs(policy, operation.failedAttempts + 1, random.fraction());
  }

  /** One log line per page, because a vanished worker loses all its attempts at once. */
  #tell(lost: readonly LostAttempt[]): void {
    if (lost.length === 0) return;
    const { tell } = this.#parts;
    for (const each of lost) {
      const { method, attempt, worker, how } = each;
      const operation = formatName(each);
      tell["lease.expired"]?.({ operation, method, attempt, worker: worker ?? "", how });
    }
    tell["leases.expired"]?.({
      count: lost.length,
      workers: [...new Set(lost.map(({ worker }) => worker ?? ""))].slice(0, TOLD_MAX),
      operations: lost.slice(0, TOLD_MAX).map(({ id, attempt }) => `${id} attempt ${attempt}`),
    });
  }
}

/** The most workers and operations in one event. */
const TOLD_MAX = 10;

/**
 * Whether the store is unavailable or closing. This holds if all operations of a page fail this
 * way. A single operation may only be locked, and must not delay the others.
 */
function isOutage({ reason }: PromiseRejectedResult): boolean {
  return reason instanceof StatusError && reason.code === "UNAVAILABLE";
}
