import type { Clock } from "../../core/ports/clock.ts";
import { LIMITS } from "../../core/limits.ts";
import type { Tell } from "../../core/events.ts";
import type { Records } from "../records.ts";
import { Rests } from "./loop.ts";
import { Retries } from "./retries.ts";

/**
 * Removes records past their time to live, a bounded number at a time.
 *
 * While more remains, it uses half of the store's time: after each removal it pauses for as long as
 * the store worked on it. Only the store's own work counts, so that a store busy with other work
 * does not slow down the purge. If the work takes long, the next removal is smaller. It skips a
 * record that the store refuses to remove, and tries again later.
 */
export class Purge {
  readonly #records: Records;
  readonly #clock: Clock;
  readonly #tell: Tell;
  readonly #retries: Retries;
  /**
   * Undefined for an embedded store: it checks its files during writes, so the purge writes every
   * second (`LIMITS.fileCheckPauseMs`).
   */
  readonly #rests: Rests | undefined;
  readonly #holdMs: number;
  #limit: number = LIMITS.sweepBatch;

  constructor(parts: { readonly records: Records; readonly clock: Clock; readonly tell: Tell }) {
    this.#records = parts.records;
    this.#clock = parts.clock;
    this.#tell = parts.tell;
    this.#retries = new Retries("remove", parts);
    const isEmbedded = parts.records.store.pollMs === null;
    this.#rests = isEmbedded ? undefined : new Rests();
    this.#holdMs = isEmbedded ? LIMITS.sweepHoldMs : LIMITS.sweepServerMs;
  }

  /** Removes a batch. @returns milliseconds until the next round */
  async round(): Promise<number> {
    const limit = this.#limit;
    const startedAt = this.#clock.monotonic();
    const except = this.#retries.notDue();
    const answer = await this.#records.write({ verb: "purge", limit, except });
    const { ids, failed = [], passed = 0, workMs = 0 } = answer;
    const tookMs = this.#clock.monotonic() - startedAt;
    if (ids.length > 0) this.#tell["sweep.purged"]?.({ count: ids.length });
    for (const id of ids) this.#retries.succeed(id);
    for (const { id, error } of failed) this.#retries.fail(id, error);
    const tried = ids.length + failed.length;
    if (tried === 0) return this.#rests?.after(tookMs) ?? LIMITS.sweepIntervalMs;
    if (tried + passed < limit) return LIMITS.sweepIntervalMs;
    this.#limit = this.#nextLimit(limit, workMs);
    // While the purge waited for its turn, others had the store.
    return Math.min(LIMITS.sweepIntervalMs, Math.max(0, 2 * workMs - tookMs));
  }

  /**
   * The number of records that the store can remove in the allowed time; at most twice the number
   * before.
   */
  #nextLimit(limit: number, workMs: number): number {
    const fitting = Math.floor((limit * this.#holdMs) / Math.max(workMs, 1));
    return Math.max(LIMITS.sweepBatchMin, Math.min(fitting, 2 * limit, LIMITS.sweepBatch));
  }
}
