import type { AttemptAnswer, WorkerPort } from "../core/ports/worker-port.ts";
import type { Operation } from "../core/operation/operation.ts";
import type { Payload } from "../core/operation/payload.ts";
import type { LeaseKeeper } from "../core/ports/lease-keeper.ts";
import type { Change, ClaimAnswer, ClaimCommand, RenewAnswer, RenewCommand } from "../core/ports/store.ts";
import { type AttemptFailure, type Event, transition } from "../core/operation/transition.ts";
import { PollIntervals } from "./poll-intervals.ts";
import type { Records } from "./records.ts";

/**
 * An event from the holder of an attempt, without the attempt and the time, which are added here.
 */
type Ending =
  | { readonly type: "complete"; readonly response: Payload }
  | ({ readonly type: "fail" } & AttemptFailure)
  | { readonly type: "release"; readonly delayMs: number };

/** Serves workers: claims, reports and outcomes, each fenced by the attempt. */
export class AttemptWrites implements WorkerPort {
  readonly keeper: LeaseKeeper;
  readonly pollMs: number | null;
  readonly records: Records;
  /** Learns from every operation that ends here. */
  readonly pollIntervals: PollIntervals;
  readonly #domain: string;

  /** @param domain the service's name, for the ErrorInfo of operations' errors */
  constructor(records: Records, domain: string) {
    this.records = records;
    this.pollIntervals = new PollIntervals(() => records.store.time());
    this.#domain = domain;
    this.keeper = records.store.keeper;
    // Where the store can look for work, the sweep does.
    this.pollMs = records.store.neighbours?.look === undefined ? records.store.pollMs : null;
  }

  async claim(request: Omit<ClaimCommand, "verb">): Promise<ClaimAnswer> {
    const answer = await this.records.write({ verb: "claim", ...request });
    for (const operation of answer.operations) this.records.tally?.claimed(operation);
    return answer;
  }

  report(...report: Parameters<WorkerPort["report"]>): Promise<RenewAnswer> {
    return this.records.write(renewal(...report));
  }

  handOver(...report: Parameters<WorkerPort["report"]>): Promise<RenewAnswer> {
    return this.records.write({ ...renewal(...report), isHandedOver: true });
  }

  complete(operation: Operation, response: Payload): Promise<AttemptAnswer> {
    return this.#end(operation, { type: "complete", response });
  }

  fail(operation: Operation, failure: AttemptFailure): Promise<AttemptAnswer> {
    return this.#end(operation, { type: "fail", ...failure });
  }

  release(operation: Operation, delayMs = 0): Promise<AttemptAnswer> {
    return this.#end(operation, { type: "release", delayMs });
  }

  watch(listener: (changes: readonly Change[]) => void): () => void {
    return this.records.store.watch(listener);
  }

  handOn(method: string): void {
    this.records.store.neighbours?.handOn(method);
  }

  time(): number {
    return this.records.store.time();
  }

  /**
   * Decides on the attempt's copy of the record, which saves a read. If the copy is out of date
   * (for example after a cancellation), it decides again on the stored record, but with the
   * attempt's own metadata: the holder of the attempt is the authority on its reports.
   */
  async #end(known: Operation, ending: Ending): Promise<AttemptAnswer> {
    const { attempt } = known;
    const changed = await this.records.change(
      known.id,
      (operation) => {
        const event: Event = { ...ending, attempt, now: this.records.store.time() };
        const reported = { ...operation, metadata: known.metadata ?? operation.metadata };
        return transition(reported, event, this.#domain);
      },
      { known },
    );
    if (changed.operation === undefined || changed.refused !== undefined) return "lost";
    this.pollIntervals.learn(changed.operation);
    return { operation: changed.operation };
  }
}

function renewal(
  { id, attempt, parent }: Parameters<WorkerPort["report"]>[0],
  leaseMs: number,
  metadata: Payload | null,
): RenewCommand {
  const of = parent === undefined ? {} : { parent };
  return { verb: "renew", id, attempt, leaseMs, metadata, ...of };
}
