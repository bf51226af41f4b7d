import { serviceError } from "../core/error/error.ts";
import type { Tell } from "../core/events.ts";
import { LIMITS } from "../core/limits.ts";
import { formatName } from "../core/operation/name.ts";
import { isDone, type Operation } from "../core/operation/operation.ts";
import type { DeliverySource } from "../core/ports/deliveries.ts";
import type { TimeBounds } from "../core/ports/clock.ts";
import type { AnswerTo, Command, Store } from "../core/ports/store.ts";
import type { Tally } from "./statistics/tally.ts";
import type { Decision, Refusal } from "../core/operation/transition.ts";

/** The result of a change. `missing`: the record does not exist. */
export type Changed =
  | { readonly operation: Operation; readonly refused?: Refusal }
  | { readonly missing: true; readonly operation?: undefined };

/**
 * The records for the use cases: reads, writes, and changes that `transition` decides and
 * compare-and-set applies.
 */
export class Records {
  readonly store: Store;
  readonly tell: Tell;
  /** Counts changes for statistics; undefined without statistics. */
  readonly tally: Tally | undefined;
  /** Creates the deliveries of changes; undefined without webhooks. */
  readonly deliveries: DeliverySource | undefined;

  constructor(store: Store, tell: Tell, tally?: Tally, deliveries?: DeliverySource) {
    this.store = store;
    this.tell = tell;
    this.tally = tally;
    this.deliveries = deliveries;
  }

  /** The bounds of the store's clock now. */
  timeBounds(): TimeBounds {
    const { store } = this;
    return store.timeBounds?.() ?? { earliest: store.time(), latest: store.time() };
  }

  /** Executes a write. Resolves after its commit. */
  write<C extends Command>(command: C): Promise<AnswerTo<C>> {
    return this.store.write(command);
  }

  /** Reads a record. */
  read(id: string): Promise<Operation | undefined> {
    return this.store.read(id);
  }

  /**
   * Decides on a change of the known or read record, and writes it if the record has not changed
   * since. After a conflict it reads and decides again, a limited number of times.
   *
   * @param options.known a recent copy of the record to decide on first, which saves a read
   * @param options.fenceLease the decision depends on the lease: a renewal in between invalidates
   * it
   * @throws {StatusError} ABORTED CONTENTION after too many conflicts
   */
  async change(
    id: string,
    decide: (operation: Operation) => Decision,
    options: { readonly known?: Operation; readonly fenceLease?: boolean } = {},
  ): Promise<Changed> {
    let operation = options.known ?? (await this.read(id));
    // A read may return the same object again.
    let isRead = options.known === undefined;
    for (let round = 0; round < LIMITS.conflictRetriesMax; round++) {
      if (operation === undefined) return { missing: true };
      const decision = decide(operation);
      if (decision.next === undefined) {
        // A refusal based on the caller's copy may be out of date; only a read record counts.
        if (isRead) return { operation, refused: decision.refused };
      } else {
        const { leaseTime } = operation;
        const along = this.deliveries?.along(operation, decision.next);
        const answer = await this.write({
          verb: "replace",
          next: decision.next,
          expectedRevision: operation.revision,
          ...(options.fenceLease === true && leaseTime !== null ? { expectedLeaseTime: leaseTime } : {}),
          ...(along === undefined ? {} : { along }),
        });
        if (answer.replaced) {
          this.tally?.changed(operation, decision.next);
          if (along !== undefined) this.tellStarts(along);
          if (isDone(decision.next)) this.#tellEnd(decision.next);
          return { operation: decision.next };
        }
        const { method } = operation;
        this.tell["operation.contended"]?.({ operation: formatName(operation), method });
      }
      operation = await this.read(id);
      isRead = true;
    }
    throw contention(operation);
  }

  /** Counts and announces operations that were stored in the commit of a change. */
  tellStarts(operations: readonly Operation[]): void {
    for (const each of operations) this.tellStart(each);
  }

  /** Counts and announces a stored operation. */
  tellStart(operation: Operation): void {
    this.tally?.started(operation);
    this.tell["operation.started"]?.({ operation: formatName(operation), method: operation.method });
  }

  #tellEnd(operation: Operation): void {
    const { method, attempt, state, error, createTime, endTime } = operation;
    this.tell["operation.ended"]?.({
      operation: formatName(operation),
      method,
      attempt,
      state,
      code: error?.code,
      durationMs: (endTime ?? createTime) - createTime,
    });
  }
}

function contention(operation: Operation | undefined): Error {
  const name = operation === undefined ? "" : formatName(operation);
  return serviceError("CONTENTION", `Operation "${name}" was changed by others again and again; try again.`, {
    metadata: { operation: name },
  });
}
