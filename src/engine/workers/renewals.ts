import { StatusError } from "../../core/error/error.ts";
import type { Tell } from "../../core/events.ts";
import type { Payload } from "../../core/operation/payload.ts";
import type { RenewAnswer } from "../../core/ports/store.ts";
import type { Records } from "../records.ts";
import { missingError } from "../missing.ts";
import { failureOf, type Proved } from "./attempt-calls.ts";
import type { GivenValues } from "./given-values.ts";
import type { NetworkWorkers } from "./network-workers.ts";
import type { Outcomes } from "./outcomes.ts";
import type { RememberedAttempts } from "./remembered-attempts.ts";
import { lostError } from "./standing.ts";
import type { RenewalAnswer, RenewRequest } from "./worker-calls.ts";

/** One entry of a call that renews. */
export type Renewal = RenewRequest["renewals"][number];

/** The parts of {@link Renewals}. */
export interface RenewalsParts {
  readonly records: Records;
  readonly outcomes: Outcomes;
  readonly remembered: RememberedAttempts;
  readonly values: GivenValues;
  readonly callers: Pick<NetworkWorkers, "renewed">;
  readonly tell: Tell;
  readonly domain: string;
}

/**
 * Renews leases of workers without the store, and stores their reports. An invalid report does not
 * prevent the renewal.
 */
export class Renewals {
  readonly #parts: RenewalsParts;

  constructor(parts: RenewalsParts) {
    this.#parts = parts;
  }

  /** @throws {StatusError} NOT_FOUND; UNAVAILABLE */
  async renew({ entry, name }: Proved<Renewal>, leaseMs: number): Promise<RenewalAnswer> {
    const { records, remembered, callers, domain, tell } = this.#parts;
    const { attempt } = entry.attempt;
    const { metadata, error } = await this.#metadata({ entry, name });
    const { id, parent } = name;
    const answer: RenewAnswer = await records.write({
      verb: "renew",
      id,
      attempt,
      leaseMs,
      metadata,
      parent,
    });
    if (answer.held) {
      callers.renewed(entry.attempt, leaseMs);
      if (metadata !== null) {
        const { revision } = answer;
        remembered.reported(id, attempt, { metadata, revision });
        const method = remembered.find(id, attempt)?.method ?? "";
        tell["attempt.reported"]?.({ operation: entry.attempt.name, method, attempt });
      }
      const { cancelRequested } = answer;
      return { held: true, leaseMs, cancelRequested, error: error && failureOf(error, domain) };
    }
    remembered.forget(id);
    const kept = await records.read(id);
    if (kept === undefined) throw missingError(entry.attempt.name, id, records.store.time());
    const cancelRequested = kept.cancelTime !== null;
    return { held: false, leaseMs: 0, cancelRequested, error: failureOf(lostError(kept, attempt), domain) };
  }

  /**
   * The metadata to store, or the reason that there is none. Only an entry with a report needs the
   * record, for its method.
   */
  async #metadata({
    entry,
    name,
  }: Proved<Renewal>): Promise<{ readonly metadata: Payload | null; readonly error?: StatusError }> {
    const { outcomes, values } = this.#parts;
    if (entry.metadata === undefined) return { metadata: null };
    try {
      const method = outcomes.method(await outcomes.record(name, entry.attempt));
      return { metadata: await values.metadata(method, entry.metadata) };
    } catch (error) {
      if (error instanceof StatusError && error.code === "INVALID_ARGUMENT") return { metadata: null, error };
      throw error;
    }
  }
}
