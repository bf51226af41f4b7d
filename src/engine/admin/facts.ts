import { LIMITS } from "../../core/limits.ts";
import type {
  FailureRow,
  KeyCount,
  LiveCount,
  ProcessRow,
  StatisticsRow,
} from "../../core/ports/statistics-store.ts";
import type { Store } from "../../core/ports/store.ts";
import type { Histogram } from "../../core/statistics/histogram.ts";
import { periodStart } from "../../core/statistics/periods.ts";
import { type AttentionFacts, BLOCKED_MIN, type MethodFacts } from "./attention.ts";
import { NO_COUNTS, sumsByMethod } from "./counted.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** The rules compare the last five minutes with the hour before. */
const LATELY_MS = 5 * MINUTE_MS;
const RECENT_MS = LATELY_MS + 60 * MINUTE_MS;
/** Keys are looked up only for this many methods, those with the most blocked operations. */
const KEYS_MAX = 3;

/** The current and recent facts about methods. */
export interface Facts {
  readonly asOf: number;
  readonly live: readonly LiveCount[];
  /** The minutes of a little more than the last hour. */
  readonly recent: readonly StatisticsRow[];
  /** For each method in the last day: the time from available to the first attempt. */
  readonly day: ReadonlyMap<string, Histogram>;
  /** Live processes. */
  readonly processes: readonly ProcessRow[];
  /** The start of each method's pause. */
  readonly paused: ReadonlyMap<string, number>;
  /** The most frequent failures of the last hours. */
  readonly failures: readonly FailureRow[];
  /** For the methods with the most blocked operations, the key that blocks the most of them. */
  readonly keys: ReadonlyMap<string, KeyCount>;
}

/** Reads the facts for the rules in a few bounded statements. */
export async function readFacts(store: Store, given: Pick<Facts, "live" | "day" | "paused">): Promise<Facts> {
  const { live } = given;
  const { statistics } = store;
  const asOf = store.time();
  const [recent, processes, failures] = await Promise.all([
    readMinutes(store, asOf),
    readProcesses(store, asOf),
    statistics.failures({ since: periodStart(asOf - 60 * MINUTE_MS, 3600), limit: LIMITS.adminFailuresMax }),
  ]);
  const keys = await readKeys(store, live);
  return { ...given, asOf, recent, processes, failures, keys };
}

/** For some methods, the key that blocks the most operations. */
async function readKeys(store: Store, live: readonly LiveCount[]): Promise<ReadonlyMap<string, KeyCount>> {
  const most = live
    .filter(({ blocked }) => blocked >= BLOCKED_MIN)
    .toSorted((a, b) => b.blocked - a.blocked)
    .slice(0, KEYS_MAX);
  const found = await Promise.all(
    most.map(async ({ method }) => [method, (await store.statistics.keys(method, 1))[0]] as const),
  );
  return new Map(found.filter((each): each is [string, KeyCount] => each[1] !== undefined));
}

function readMinutes(store: Store, now: number): Promise<readonly StatisticsRow[]> {
  return store.statistics.series({
    period: 60,
    since: periodStart(now - RECENT_MS, 60),
    until: now + MINUTE_MS,
  });
}

/**
 * How long operations of each method waited for their first attempt in the last day, in whole
 * hours.
 */
export async function readDay(store: Store, now: number): Promise<ReadonlyMap<string, Histogram>> {
  const since = periodStart(now - DAY_MS, 3600);
  const rows = await store.statistics.series({ period: 3600, since, until: now + MINUTE_MS });
  return new Map(Array.from(sumsByMethod(rows), ([method, { begin }]) => [method, begin]));
}

/** Processes that have reported recently. */
export function readProcesses(store: Store, now: number): Promise<readonly ProcessRow[]> {
  return store.statistics.processes(now - LIMITS.processGoneMs, LIMITS.adminWorkersMax);
}

/** Converts the facts for the rules. */
export function attentionFacts(facts: Facts): AttentionFacts {
  const { asOf, live, recent, day, paused, failures, keys } = facts;
  const since = (ms: number) => recent.filter(({ time }) => time >= asOf - ms);
  const lately = sumsByMethod(since(LATELY_MS));
  const before = sumsByMethod(recent.filter(({ time }) => time < asOf - LATELY_MS));
  const tenMinutes = sumsByMethod(since(2 * LATELY_MS));
  const counts = new Map(live.map((each) => [each.method, each]));
  // The most frequent failure comes first; the reversal lets it win.
  const commonest = new Map(failures.toReversed().map((each) => [each.method, each]));
  const names = new Set([...counts.keys(), ...paused.keys(), ...lately.keys(), ...tenMinutes.keys()]);
  const methods = [...names].toSorted().map(
    (method): MethodFacts => ({
      method,
      live: counts.get(method),
      pauseTime: paused.get(method) ?? null,
      lately: lately.get(method) ?? NO_COUNTS,
      before: before.get(method) ?? NO_COUNTS,
      tenMinutes: tenMinutes.get(method) ?? NO_COUNTS,
      beginOfDay: day.get(method) ?? NO_COUNTS.begin,
      failure: failureText(commonest.get(method)),
      key: keys.get(method),
    }),
  );
  return { now: asOf, methods, processes: facts.processes };
}

function failureText(failure: FailureRow | undefined): string {
  return failure === undefined ? "" : `${failure.code}, “${failure.text}”`;
}
