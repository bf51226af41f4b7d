import type { Clock } from "../../core/ports/clock.ts";
import type { Change, ClaimAnswer, ClaimCommand } from "../../core/ports/store.ts";

/** Claims scan the whole index while that takes at most this long. */
const CHEAP_MS = 10;
/** The largest fraction of time spent on slower scans. */
const COSTLY_PART = 1 / 50;
/** The longest rest. A claim may also be slow because the database was unreachable. */
const REST_MS_MAX = 10_000;
/**
 * An operation may be committed this long after its available time, and be found without a hint.
 */
const LATE_MS = 100;
const PRIORITIES = 10;
const EVERYTHING = 0;

/** The scan ranges of one claim. */
export interface Look {
  /**
   * For each given method and each priority from 0: the available time at which the scan begins.
   * Empty for a whole scan.
   */
  readonly starts: readonly number[];
  /** Records the answer, or the lack of one. */
  end(answer?: ClaimAnswer): void;
}

/**
 * The available time at which claims begin to scan, for each method and priority.
 *
 * Index entries of claimed operations stay until PostgreSQL can remove them, which it cannot while
 * a session holds an older snapshot. Every claim has to skip them; after ten minutes there may be a
 * million. So when whole scans become expensive, claims begin where the last ones ended, or at
 * newly announced work. From time to time one claim scans everything again, to find work that was
 * not announced and to measure the cost.
 */
export class ClaimStarts {
  readonly #clock: Clock;
  readonly #time: () => number;
  readonly #starts = new Map<string, number[]>();
  /** Work announced during running claims, which may have missed it. */
  readonly #heard = new Set<Map<string, number>>();
  /** Monotonic time of the next whole scan. */
  #restUntil = Number.NEGATIVE_INFINITY;

  /** @param parts.time the store's clock */
  constructor(parts: { readonly clock: Clock; readonly time: () => number }) {
    this.#clock = parts.clock;
    this.#time = parts.time;
  }

  /** The caller must end the returned look, however the claim ends. */
  begin({ wanted, limit }: Pick<ClaimCommand, "wanted" | "limit">): Look {
    const startedAt = this.#clock.monotonic();
    const time = this.#time();
    const whole = startedAt >= this.#restUntil;
    const heard = new Map<string, number>();
    this.#heard.add(heard);
    return {
      starts: whole ? [] : wanted.flatMap(({ method }) => this.#of(method)),
      end: (answer) => {
        const costMs = this.#clock.monotonic() - startedAt - CHEAP_MS;
        if (whole && costMs > 0)
          this.#restUntil = this.#clock.monotonic() + Math.min(costMs / COSTLY_PART, REST_MS_MAX);
        this.#heard.delete(heard);
        if (answer === undefined) return;
        const isFull = answer.operations.length >= limit;
        for (const each of wanted) this.#learn(each, answer, { time, isFull });
        for (const [method, availableTime] of heard) this.#lower(method, availableTime);
      },
    };
  }

  /** Includes announced pending work in the next scans. */
  hear(changes: readonly Change[]): void {
    for (const { method, state, availableTime } of changes) {
      if (state !== "PENDING") continue;
      this.#lower(method, availableTime);
      for (const heard of this.#heard)
        heard.set(method, Math.min(heard.get(method) ?? availableTime, availableTime));
    }
  }

  #lower(method: string, availableTime: number): void {
    const starts = this.#starts.get(method);
    if (starts !== undefined)
      this.#starts.set(
        method,
        starts.map((start) => Math.min(start, availableTime)),
      );
  }

  #of(method: string): number[] {
    const known = this.#starts.get(method);
    if (known !== undefined) return known;
    const starts = [...WHOLE];
    this.#starts.set(method, starts);
    return starts;
  }

  /**
   * Below the first operation taken there is nothing of its priority; if the claim took everything,
   * there is nothing up to now.
   */
  #learn(
    wanted: ClaimCommand["wanted"][number],
    { operations }: ClaimAnswer,
    { time, isFull }: { readonly time: number; readonly isFull: boolean },
  ): void {
    const taken = operations.filter(({ method }) => method === wanted.method);
    const starts = this.#of(wanted.method);
    if (!isFull && taken.length < wanted.limit) {
      starts.fill(time - LATE_MS);
      return;
    }
    // In reverse, so that the oldest operation of each priority is set last and stays.
    for (const { priority, availableTime } of taken.toReversed())
      starts[priority] = Math.min(availableTime, time) - LATE_MS;
  }
}

const WHOLE: readonly number[] = Array.from({ length: PRIORITIES }, () => EVERYTHING);
