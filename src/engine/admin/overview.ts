import { serviceError } from "../../core/error/error.ts";
import { LIMITS } from "../../core/limits.ts";
import type { Method } from "../../core/method/method.ts";
import type { Clock } from "../../core/ports/clock.ts";
import type { StatisticsRow } from "../../core/ports/statistics-store.ts";
import type { Store } from "../../core/ports/store.ts";
import { readWorkers, type Workers } from "./workers.ts";
import { SharedRead } from "../../core/shared-read.ts";
import { RANGE_NAMES, type RangeName } from "../../core/statistics/ranges.ts";
import type { Pauses } from "../pauses.ts";
import type { LiveCounts as Counts } from "../statistics/live-counts.ts";
import { type Attention, attentionOf } from "./attention.ts";
import { type Bucket, type Ended, endedOf, seriesOf, shownHistogram, sumOfRows } from "./counted.ts";
import { attentionFacts, type Facts, readDay, readFacts } from "./facts.ts";
import { type FailureGroup, readFailures } from "./failures.ts";
import { keyStateOf, type MethodDetail, requestOf, settingsOf } from "./method-detail.ts";
import {
  allLiveCounts,
  declaredStates,
  type LiveCounts,
  type MethodState,
  methodStates,
} from "./method-states.ts";
import { type Range, rangeOf, readRangeName } from "./range.ts";
import type { Reads } from "./reads.ts";

/** Everything at a glance. */
export interface Summary {
  readonly asOf: number;
  readonly stale: boolean;
  readonly attention: readonly Attention[];
  readonly live: LiveCounts;
  readonly ended: Ended;
  readonly methods: readonly MethodState[];
  readonly series: readonly Bucket[];
  readonly bucket: number;
  readonly failures: readonly FailureGroup[];
  readonly failuresSince: number;
  readonly workers: number;
  readonly slots: number;
  /** The start of the statistics, if it is within the range. */
  readonly countedSince: number | null;
}

/** The parts of {@link Overview}. */
export interface OverviewParts {
  readonly store: Store;
  readonly clock: Pick<Clock, "monotonic">;
  /** The methods that this process declares. */
  readonly methods: ReadonlyMap<string, Method>;
  /** The built-in methods. */
  readonly builtIns: ReadonlyMap<string, Method>;
  readonly reads: Reads;
  /** Counts unfinished operations, with one read for all requests. */
  readonly liveCounts: Pick<Counts, "now">;
  readonly pauses: Pick<Pauses, "look">;
}

/** Failed summaries are not replaced by old ones, because their parts report their own age. */
const SHARED = { freshMs: 2_000, staleMs: 0 };
/** The times of a day change slowly. */
const DAY = { freshMs: 60_000, staleMs: 3_600_000 };

/** The state of methods, now and over ranges. Concurrent requests share one read. */
export class Overview {
  readonly #parts: OverviewParts;
  readonly #workers: SharedRead<Workers>;
  readonly #day: SharedRead<Facts["day"]>;
  readonly #summaries: Readonly<Record<RangeName, SharedRead<Summary>>>;

  constructor(parts: OverviewParts) {
    const { store, clock, reads } = parts;
    this.#parts = parts;
    this.#workers = new SharedRead(() => reads.run(() => readWorkers(store)), clock, SHARED);
    this.#day = new SharedRead(() => readDay(store, store.time()), clock, DAY);
    const shared = (name: RangeName): SharedRead<Summary> =>
      new SharedRead(() => reads.run(() => this.#readSummary(rangeOf(name, store.time()))), clock, SHARED);
    this.#summaries = Object.fromEntries(RANGE_NAMES.map((name) => [name, shared(name)])) as Record<
      RangeName,
      SharedRead<Summary>
    >;
  }

  /** @throws {StatusError} INVALID_ARGUMENT RANGE_INVALID; RESOURCE_EXHAUSTED TOO_MANY_ADMIN_READS */
  async summary(range: string): Promise<Summary> {
    return (await this.#summaries[readRangeName(range)].get()).value;
  }

  /**
   * The live processes, and those that vanished recently. @throws {StatusError} RESOURCE_EXHAUSTED
   * TOO_MANY_ADMIN_READS
   */
  async workers(): Promise<Workers> {
    return (await this.#workers.get()).value;
  }

  /** All methods, most urgent first. @throws {StatusError} as {@link summary} */
  async methods(range: string): Promise<Pick<Summary, "methods" | "asOf">> {
    const { methods, asOf } = await this.summary(range);
    return { methods, asOf };
  }

  /** The methods that this process declares, without counts over all collections. */
  declared(): Pick<Summary, "methods" | "asOf"> {
    return { methods: declaredStates(this.#parts), asOf: this.#parts.store.time() };
  }

  /**
   * The state of a declared or known method. @throws {StatusError} NOT_FOUND METHOD_NOT_FOUND; as
   * {@link summary}
   */
  async state(name: string): Promise<MethodState> {
    const { methods } = await this.summary("");
    const state = methods.find(({ method }) => method === name);
    if (state === undefined) throw methodNotFound(name);
    return state;
  }

  /** The state after a change, not from the cache. */
  stateAnew(name: string): Promise<MethodState> {
    for (const summary of Object.values(this.#summaries)) summary.forget();
    return this.state(name);
  }

  /**
   * One method with all details. @throws {StatusError} NOT_FOUND METHOD_NOT_FOUND; as
   * {@link summary}
   */
  async method(name: string, rangeName: string): Promise<MethodDetail> {
    const { store, methods, reads } = this.#parts;
    const { methods: states } = await this.summary(rangeName);
    const state = states.find(({ method }) => method === name);
    if (state === undefined) throw methodNotFound(name);
    const range = rangeOf(readRangeName(rangeName), store.time());
    return reads.run(async () => {
      const asOf = store.time();
      const { since, until, period } = range;
      const [rows, keys, failures] = await Promise.all([
        store.statistics.series({ period, since, until, method: name }),
        state.parallelLimit > 0 || (state.live?.blocked ?? 0) > 0
          ? store.statistics.keys(name, LIMITS.adminKeysMax)
          : [],
        readFailures(store, range, { method: name, limit: LIMITS.adminFailuresShown }),
      ]);
      const { begin, run } = sumOfRows(rows);
      return {
        state,
        ...requestOf(methods.get(name)),
        settings: settingsOf(methods.get(name)),
        series: seriesOf(range, rows),
        bucket: range.bucketMs,
        begin: shownHistogram(begin),
        run: shownHistogram(run),
        keys: keys.map(keyStateOf),
        failures: failures.failures,
        failuresSince: failures.since,
        asOf,
      };
    });
  }

  /**
   * A method that this process declares, without counts. @throws {StatusError} NOT_FOUND
   * METHOD_NOT_FOUND
   */
  declaredMethod(name: string): MethodDetail {
    const { store, methods } = this.#parts;
    const state = this.declared().methods.find(({ method }) => method === name);
    if (state === undefined) throw methodNotFound(name);
    const nothing = shownHistogram(new Map());
    return {
      state,
      ...requestOf(methods.get(name)),
      settings: settingsOf(methods.get(name)),
      series: [],
      bucket: 0,
      begin: nothing,
      run: nothing,
      keys: [],
      failures: [],
      failuresSince: null,
      asOf: store.time(),
    };
  }

  async #readSummary(range: Range): Promise<Summary> {
    const { store } = this.#parts;
    const { liveCounts, pauses } = this.#parts;
    const [live, day, paused] = await Promise.all([liveCounts.now(), this.#day.get(), pauses.look()]);
    const { since, until, period } = range;
    const [facts, failures, longer] = await Promise.all([
      readFacts(store, { live: live.counts, day: day.value, paused }),
      readFailures(store, range, { limit: LIMITS.adminFailuresShown }),
      period === 60 ? undefined : store.statistics.series({ period, since, until }),
    ]);
    // The minutes for the rules include those of the last hour.
    const rows = longer ?? facts.recent.filter(({ time }) => time >= since && time < until);
    const workers = facts.processes.filter(({ slots }) => slots > 0);
    const attention = attentionOf(attentionFacts(facts));
    return {
      asOf: facts.asOf,
      stale: live.failure !== undefined,
      attention,
      live: allLiveCounts(facts.live),
      ended: endedOf(sumOfRows(rows)),
      methods: methodStates({ ...this.#parts, ...facts, range, rows, attention }),
      series: seriesOf(range, rows),
      bucket: range.bucketMs,
      failures: failures.failures,
      failuresSince: failures.since,
      workers: workers.length,
      slots: workers.reduce((total, { slots }) => total + slots, 0),
      countedSince: countedSince(range, rows, facts),
    };
  }
}

/**
 * The start of the statistics, if all processes are younger than the range and its first bucket has
 * no counts.
 */
function countedSince(
  { since, bucketMs }: Range,
  rows: readonly StatisticsRow[],
  { processes, asOf }: Facts,
): number | null {
  const first = rows[0]?.time ?? asOf;
  const oldest = Math.min(asOf, ...processes.map(({ startTime }) => startTime));
  const from = Math.min(first, oldest);
  return from < since + bucketMs ? null : from;
}

function methodNotFound(name: string): Error {
  const shown = name.slice(0, 100);
  return serviceError("METHOD_NOT_FOUND", `Method "${shown}" is not declared, and nothing is known of it.`, {
    metadata: { method: shown },
  });
}
