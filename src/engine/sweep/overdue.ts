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

/** What ending overdue operations takes. */
export interface OverdueParts {
  readonly records: Records;
  readonly methods: ReadonlyMap<string, Method>;
  readonly clock: Clock;
  readonly random: Random;
  readonly tell: Tell;
  /** The service's name, for the ErrorInfo of operations' errors. */
  readonly domain: string;
}

/** An attempt whose lease has passed. */
interface LostAttempt extends Pick<Operation, "id" | "parent" | "method" | "attempt" | "worker"> {
  readonly how: "worker-lost" | "unconfirmed";
}

/**
 * Ends attempts whose lease has passed, and operations whose deadline has.
 *
 * Words: a *walk* goes once through everything that is due, page by page. Authority: the store judges what is due by its own
 * clock; each change is decided by `transition` on the record as read and made true by compare-and-set, for leases on the lease
 * itself, since a renewal moves it without a new revision. Two processes that walk at once so do no harm to each other. On
 * failure: an operation that cannot be ended is passed over and tried again later (retries.ts); only a store that is away ends
 * the walk.
 */
export class Overdue {
  readonly #parts: OverdueParts;
  readonly #retries: Retries;

  constructor(parts: OverdueParts) {
    this.#parts = parts;
    this.#retries = new Retries("end", parts);
  }

  /**
   * @param goesOn is asked after each page
   * @returns milliseconds that the looks took
   * @throws {StatusError} UNAVAILABLE where the store is away
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
      // A page of which nothing is to be ended takes no time that others could use.
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

  /** @returns the attempt that was ended because its lease had passed, if that is what happened */
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
        // A renewal may have come between, which the store did not judge.
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

  /** One line of the log for a page of them: a worker that vanishes takes all its attempts along. */
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

/** Workers and operations that one event names. */
const TOLD_MAX = 10;

/**
 * Whether the store was away or being closed. It is where all operations of a page fail so; a single one may be locked by somebody
 * else, and then stands in nobody's way.
 */
function isOutage({ reason }: PromiseRejectedResult): boolean {
  return reason instanceof StatusError && reason.code === "UNAVAILABLE";
}
