import { serviceError } from "../core/error.ts";
import { invariant } from "../core/invariant.ts";
import { LIMITS } from "../core/limits.ts";
import { formatName } from "../core/name.ts";
import type { Operation } from "../core/operation.ts";
import type { AnswerTo, Command, Store } from "../core/store.ts";
import type { Decision, Refusal } from "../core/transition.ts";
import { Batcher } from "./batcher.ts";

/** What became of a change. `missing`: there is no such record. */
export type Changed =
  | { readonly operation: Operation; readonly refused?: Refusal }
  | { readonly missing: true; readonly operation?: undefined };

/**
 * The records as the use cases see them: single reads and writes that travel to the store in batches, and changes that are
 * decided by `transition` and made true by compare-and-set.
 */
export class Records {
  readonly store: Store;
  readonly #writes: Batcher<Command, AnswerTo<Command>>;
  readonly #reads: Batcher<string, Operation | undefined>;

  constructor(store: Store) {
    this.store = store;
    this.#writes = new Batcher({
      run: (commands: readonly Command[]) => store.write(commands),
      inFlightMax: store.writesInFlight,
      sizeMax: LIMITS.writeBatchMax,
    });
    this.#reads = new Batcher({
      run: (ids: readonly string[]) => store.read(ids),
      inFlightMax: 1,
      sizeMax: LIMITS.writeBatchMax,
    });
  }

  /**
   * One write, in the next batch. Answered after its commit. What may look at everything there is goes by itself, so that
   * the rest of a batch has nothing to wait for.
   */
  async write<C extends Command>(command: C): Promise<AnswerTo<C>> {
    if (command.verb !== "claim" && command.verb !== "purge") {
      return (await this.#writes.add(command)) as AnswerTo<C>;
    }
    const [answer] = await this.store.write([command]);
    invariant(answer !== undefined, "a command is answered");
    return answer;
  }

  /** One read, in the next batch. */
  read(id: string): Promise<Operation | undefined> {
    return this.#reads.add(id);
  }

  /** Resolves when no write is under way. */
  idle(): Promise<void> {
    return this.#writes.idle();
  }

  /**
   * Decides a change on the record one has, or on the record as read, and writes it if nobody wrote in between; a conflict
   * is read again and decided again, a bounded number of times.
   *
   * @param options.known the record to decide on first, where the caller has a recent one; saves the read
   * @param options.fenceLease the decision looked at the lease: it is void if the lease was renewed meanwhile
   * @throws {StatusError} ABORTED CONTENTION when others keep winning
   */
  async change(
    id: string,
    decide: (operation: Operation) => Decision,
    options: { readonly known?: Operation; readonly fenceLease?: boolean } = {},
  ): Promise<Changed> {
    let operation = options.known ?? (await this.read(id));
    for (let round = 0; round < LIMITS.conflictRetriesMax; round++) {
      if (operation === undefined) return { missing: true };
      const decision = decide(operation);
      if (decision.next === undefined) {
        // A refusal on what the caller knew may be out of date; only what the store says counts.
        if (operation !== options.known) return { operation, refused: decision.refused };
      } else {
        const { leaseTime } = operation;
        const answer = await this.write({
          verb: "replace",
          next: decision.next,
          expectedRevision: operation.revision,
          ...(options.fenceLease === true && leaseTime !== null ? { expectedLeaseTime: leaseTime } : {}),
        });
        if (answer.replaced) return { operation: decision.next };
      }
      operation = await this.read(id);
    }
    throw contention(operation);
  }
}

function contention(operation: Operation | undefined): Error {
  const name = operation === undefined ? "" : formatName(operation);
  return serviceError("CONTENTION", `Operation "${name}" was changed by others again and again; try again.`, {
    metadata: { operation: name },
  });
}
