import type { Method } from "../../core/method/method.ts";
import { LIMITS } from "../../core/limits.ts";
import type { LiveCount, ProcessRow, StatisticsRow } from "../../core/ports/statistics-store.ts";
import { type Attention, workersByMethod } from "./attention.ts";
import { type Ended, endedOf, NO_COUNTS, sparksOf, sumsByMethod } from "./counted.ts";
import type { Range } from "./range.ts";

/**
 * The current numbers of unfinished operations. Counting stops at a bound; `…More` means that there
 * are more.
 */
export interface LiveCounts {
  readonly waiting: number;
  readonly waitingMore: boolean;
  readonly blocked: number;
  readonly blockedMore: boolean;
  readonly delayed: number;
  readonly delayedMore: boolean;
  readonly running: number;
  readonly runningMore: boolean;
  readonly oldestWaiting: number | null;
  readonly oldestBlocked: number | null;
}

/** A method and its state. */
export interface MethodState {
  readonly method: string;
  readonly description: string;
  readonly declared: boolean;
  readonly builtIn: boolean;
  readonly pauseTime: number | null;
  /** Null if hidden. */
  readonly live: LiveCounts | null;
  readonly slots: number;
  readonly parallelLimit: number;
  readonly ended: Ended | null;
  readonly spark: readonly number[];
  readonly workers: number;
}

/** The parts of the states of methods. */
export interface StatesParts {
  /** The methods that this process declares. */
  readonly methods: ReadonlyMap<string, Method>;
  readonly builtIns: ReadonlyMap<string, Method>;
  readonly range: Range;
  readonly live: readonly LiveCount[];
  /** The counts of the range. */
  readonly rows: readonly StatisticsRow[];
  readonly processes: readonly ProcessRow[];
  readonly paused: ReadonlyMap<string, number>;
  readonly attention: readonly Attention[];
}

/** The declared methods and those known from counts, most urgent first. */
export function methodStates(parts: StatesParts): readonly MethodState[] {
  const { methods, live, rows, processes, paused } = parts;
  const counts = new Map(live.map((each) => [each.method, each]));
  const sums = sumsByMethod(rows);
  const sparks = sparksOf(parts.range, rows);
  const runners = workersByMethod(processes);
  const names = new Set([...methods.keys(), ...counts.keys(), ...sums.keys(), ...paused.keys()]);
  const states = [...names].map((name): MethodState => {
    const workers = runners.get(name) ?? [];
    return {
      ...declarationOf(name, parts),
      pauseTime: paused.get(name) ?? null,
      live: liveCountsOf(counts.get(name) ?? nothingOf(name)),
      slots: workers.reduce((total, { slots }) => total + slots, 0),
      ended: endedOf(sums.get(name) ?? NO_COUNTS),
      spark: sparks.get(name) ?? [],
      workers: workers.length,
    };
  });
  return states.toSorted(byUrgency(parts.attention)).slice(0, LIMITS.countedMethodsMax);
}

/** The methods of this process, without counts. */
export function declaredStates(parts: Pick<StatesParts, "methods" | "builtIns">): readonly MethodState[] {
  return [...parts.methods.keys()].toSorted().map((name) => ({
    ...declarationOf(name, parts),
    pauseTime: null,
    live: null,
    slots: 0,
    ended: null,
    spark: [],
    workers: 0,
  }));
}

function declarationOf(
  name: string,
  { methods, builtIns }: Pick<StatesParts, "methods" | "builtIns">,
): Pick<MethodState, "method" | "description" | "declared" | "builtIn" | "parallelLimit"> {
  const method = methods.get(name);
  return {
    method: name,
    description: method?.description ?? "",
    declared: method !== undefined,
    builtIn: builtIns.has(name),
    parallelLimit: method?.parallel?.limit ?? 0,
  };
}

function byUrgency(attention: readonly Attention[]): (a: MethodState, b: MethodState) => number {
  const named = attention.map(({ method }) => method);
  const place = ({ method }: MethodState): number =>
    named.includes(method) ? named.indexOf(method) : named.length;
  return (a, b) =>
    place(a) - place(b) ||
    compare(oldestIn(a), oldestIn(b)) ||
    (b.ended?.failed ?? 0) - (a.ended?.failed ?? 0) ||
    Number(a.builtIn) - Number(b.builtIn) ||
    compare(a.method, b.method);
}

function oldestIn({ live }: MethodState): number {
  return Math.min(live?.oldestWaiting ?? Infinity, live?.oldestBlocked ?? Infinity);
}

function compare<T extends number | string>(a: T, b: T): number {
  return a < b ? -1 : Number(a > b);
}

/** Counts as shown to operators. */
export function liveCountsOf(count: LiveCount): LiveCounts {
  const { countedMax } = LIMITS;
  const { waiting, blocked, delayed, running, oldestWaiting, oldestBlocked } = count;
  return {
    waiting: Math.min(waiting, countedMax),
    waitingMore: waiting > countedMax,
    blocked: Math.min(blocked, countedMax),
    blockedMore: blocked > countedMax,
    delayed: Math.min(delayed, countedMax),
    delayedMore: delayed > countedMax,
    running: Math.min(running, countedMax),
    runningMore: running > countedMax,
    oldestWaiting,
    oldestBlocked,
  };
}

/** The sums over all methods. If one method has more than the bound, so does the sum. */
export function allLiveCounts(live: readonly LiveCount[]): LiveCounts {
  const { countedMax } = LIMITS;
  const sum = (valueOf: (each: LiveCount) => number): { total: number; more: boolean } => ({
    total: live.reduce((total, each) => total + Math.min(valueOf(each), countedMax), 0),
    more: live.some((each) => valueOf(each) > countedMax),
  });
  const [waiting, blocked] = [sum((each) => each.waiting), sum((each) => each.blocked)];
  const [delayed, running] = [sum((each) => each.delayed), sum((each) => each.running)];
  return {
    waiting: waiting.total,
    waitingMore: waiting.more,
    blocked: blocked.total,
    blockedMore: blocked.more,
    delayed: delayed.total,
    delayedMore: delayed.more,
    running: running.total,
    runningMore: running.more,
    oldestWaiting: oldestOf(live.map((each) => each.oldestWaiting)),
    oldestBlocked: oldestOf(live.map((each) => each.oldestBlocked)),
  };
}

function oldestOf(times: readonly (number | null)[]): number | null {
  const known = times.filter((time) => time !== null);
  return known.length === 0 ? null : Math.min(...known);
}

function nothingOf(method: string): LiveCount {
  return { method, waiting: 0, blocked: 0, delayed: 0, running: 0, oldestWaiting: null, oldestBlocked: null };
}
