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
/** What the rules compare with: the last five minutes, and the hour before. */
const LATELY_MS = 5 * MINUTE_MS;
const RECENT_MS = LATELY_MS + 60 * MINUTE_MS;
/** Keys are looked for of so many methods, of those with most that is blocked. */
const KEYS_MAX = 3;

/** What is known of methods now and lately. */
export interface Facts {
  readonly asOf: number;
  readonly live: readonly LiveCount[];
  /** Minutes of the last hour and some. */
  readonly recent: readonly StatisticsRow[];
  /** Of each method in the last day: from available to the first attempt. */
  readonly day: ReadonlyMap<string, Histogram>;
  /** Processes that live. */
  readonly processes: readonly ProcessRow[];
  /** Since when methods are paused. */
  readonly paused: ReadonlyMap<string, number>;
  /** The commonest failures of the last hours. */
  readonly failures: readonly FailureRow[];
  /** The key with most that is blocked, of the methods with most of it. */
  readonly keys: ReadonlyMap<string, KeyCount>;
}

/** Reads what the rules look at, in a few statements of which each has a bound. */
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

/** Of some methods the key with most that is blocked. */
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

/** How long operations of each method waited to begin in the last day, in whole hours. */
export async function readDay(store: Store, now: number): Promise<ReadonlyMap<string, Histogram>> {
  const since = periodStart(now - DAY_MS, 3600);
  const rows = await store.statistics.series({ period: 3600, since, until: now + MINUTE_MS });
  return new Map(Array.from(sumsByMethod(rows), ([method, { begin }]) => [method, begin]));
}

/** Processes that have reported lately. */
export function readProcesses(store: Store, now: number): Promise<readonly ProcessRow[]> {
  return store.statistics.processes(now - LIMITS.processGoneMs, LIMITS.adminWorkersMax);
}

/** What the rules look at, of what was read. */
export function attentionFacts(facts: Facts): AttentionFacts {
  const { asOf, live, recent, day, paused, failures, keys } = facts;
  const since = (ms: number) => recent.filter(({ time }) => time >= asOf - ms);
  const lately = sumsByMethod(since(LATELY_MS));
  const before = sumsByMethod(recent.filter(({ time }) => time < asOf - LATELY_MS));
  const tenMinutes = sumsByMethod(since(2 * LATELY_MS));
  const counts = new Map(live.map((each) => [each.method, each]));
  // The commonest comes first, and stays.
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
