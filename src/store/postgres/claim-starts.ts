import type { Clock } from "../../core/ports/clock.ts";
import type { Change, ClaimAnswer, ClaimCommand } from "../../core/ports/store.ts";

/** A claim looks at all there is as long as that takes no longer than this. */
const CHEAP_MS = 10;
/** What takes longer takes this part of the time at most. */
const COSTLY_PART = 1 / 50;
/** A claim may have taken long because the database was away. */
const REST_MS_MAX = 10_000;
/** An operation may be committed so much later than it says it is available, and be found without a hint. */
const LATE_MS = 100;
const PRIORITIES = 10;
const EVERYTHING = 0;

/** Where one claim looks. */
export interface Look {
  /** For each method wanted and each priority from 0 on: the availability to begin at. Empty to look at everything. */
  readonly starts: readonly number[];
  /** Takes note of what came of it; without an answer, that none came. */
  end(answer?: ClaimAnswer): void;
}

/**
 * From which availability on claims look, for each method and priority.
 *
 * What has been claimed stays in the index until PostgreSQL may clear it away, and that it may not while anybody holds an
 * older snapshot. A claim goes past all of it; in ten minutes that becomes a million entries. So where looking at all of them
 * has become costly, claims begin where the last ones ended, and at whatever they are told of since. Now and then one
 * looks at everything again: for what nobody told, and to see whether it is costly still.
 */
export class ClaimStarts {
  readonly #clock: Clock;
  readonly #time: () => number;
  readonly #starts = new Map<string, number[]>();
  /** What was told of while claims were under way, which may not have seen it. */
  readonly #heard = new Set<Map<string, number>>();
  /** Monotonic. Before this, claims do not look at everything. */
  #restUntil = Number.NEGATIVE_INFINITY;

  /** @param parts.time the store's clock */
  constructor(parts: { readonly clock: Clock; readonly time: () => number }) {
    this.#clock = parts.clock;
    this.#time = parts.time;
  }

  /** To be ended, however the claim ends. */
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

  /** What is told to be pending is looked for from there on. */
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

  /** Before the first that was taken there is nothing of its priority; where all was taken, there is nothing until now. */
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
    // The oldest of a priority comes last, so that it stays.
    for (const { priority, availableTime } of taken.toReversed())
      starts[priority] = Math.min(availableTime, time) - LATE_MS;
  }
}

const WHOLE: readonly number[] = Array.from({ length: PRIORITIES }, () => EVERYTHING);
