import type { Clock, Timer } from "../core/clock.ts";
import { LIMITS } from "../core/limits.ts";
import type { Log } from "../core/log.ts";
import type { Method } from "../core/method.ts";
import type { Operation } from "../core/operation.ts";
import type { Random } from "../core/random.ts";
import { RETRY_POLICY_DEFAULT, retryDelayMs } from "../core/retry.ts";
import { transition } from "../core/transition.ts";
import type { Records } from "./records.ts";
import type { Service } from "./service.ts";

/** Sweeping takes this part of the time at most, however much there is to go through. */
const BUSY_PART = 1 / 50;
/** A round may have taken long because the store was away, and leases have passed since. */
const PAUSE_MS_MAX = 10_000;

/**
 * The loop that ends what time has ended: leases that expired, deadlines that passed, records past their time to live.
 *
 * The store judges what is due by its own clock; each change is then decided by `transition` and made true by
 * compare-and-set, for leases on the lease itself, since a renewal moves it without a new revision. Two sweeps of two
 * processes so do no harm to each other. One round is bounded; what is left waits for the next.
 */
export class Sweep implements Service {
  readonly #records: Records;
  readonly #methods: ReadonlyMap<string, Method>;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #log: Log;
  readonly #domain: string;
  #timer: Timer | undefined;
  #round: Promise<void> = Promise.resolve();
  #failing = false;
  #stopped = true;

  constructor(parts: {
    readonly records: Records;
    readonly methods: ReadonlyMap<string, Method>;
    readonly clock: Clock;
    readonly random: Random;
    readonly log: Log;
    /** The service's name, for the ErrorInfo of operations' errors. */
    readonly domain: string;
  }) {
    this.#records = parts.records;
    this.#methods = parts.methods;
    this.#clock = parts.clock;
    this.#random = parts.random;
    this.#log = parts.log;
    this.#domain = parts.domain;
  }

  start(): void {
    this.#stopped = false;
    // At once: after a crash there are attempts to end, and their callers have waited long enough.
    this.#next(0);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    await this.#round;
  }

  #next(delayMs: number): void {
    if (this.#stopped) return;
    this.#timer = this.#clock.after(delayMs, () => {
      const startedAt = this.#clock.monotonic();
      this.#round = this.#guarded().finally(() => {
        const tookMs = this.#clock.monotonic() - startedAt;
        const pauseMs = Math.min(tookMs / BUSY_PART, PAUSE_MS_MAX);
        this.#next(Math.max(LIMITS.sweepIntervalMs, pauseMs));
      });
    });
  }

  /** A store that is away is said once, and once more when it is back. */
  async #guarded(): Promise<void> {
    try {
      await this.round();
      if (this.#failing) this.#log.info("the sweep works again");
      this.#failing = false;
    } catch (error) {
      if (!this.#failing) this.#log.error("the sweep failed and will go on trying", { error });
      this.#failing = true;
    }
  }

  /** One round: everything that is due now, a bounded amount of it. */
  async round(): Promise<void> {
    const due = await this.#records.store.due(LIMITS.sweepBatch);
    await Promise.all(due.map((operation) => this.#end(operation)));
    const { ids } = await this.#records.write({ verb: "purge", limit: LIMITS.sweepBatch });
    if (ids.length > 0) this.#log.debug("removed operations past their time to live", { count: ids.length });
  }

  async #end(due: Operation): Promise<void> {
    const now = this.#records.store.time();
    if (due.deadlineTime !== null && due.deadlineTime <= now) {
      await this.#records.change(
        due.id,
        (operation) => transition(operation, { type: "deadline", now }, this.#domain),
        {
          known: due,
        },
      );
      return;
    }
    const changed = await this.#records.change(
      due.id,
      (operation) =>
        transition(
          operation,
          { type: "expire", now, retryTime: now + this.#delayMs(operation) },
          this.#domain,
        ),
      { known: due, fenceLease: true },
    );
    if (changed.operation !== undefined && changed.refused === undefined) {
      const { id, attempt, worker } = due;
      this.#log.warn("a lease expired: its worker vanished or was stopped too long", { id, attempt, worker });
    }
  }

  #delayMs(operation: Operation): number {
    const policy = this.#methods.get(operation.method)?.retry ?? RETRY_POLICY_DEFAULT;
    return retryDelayMs(policy, operation.failedAttempts + 1, this.#random.fraction());
  }
}
