import { spanText } from "../../core/value/span.ts";
import type { KeyCount, LiveCount, ProcessRow } from "../../core/ports/statistics-store.ts";
import type { MethodCounts } from "../../core/statistics/counts.ts";
import { type Histogram, quantileOf } from "../../core/statistics/histogram.ts";
import { LIMITS } from "../../core/limits.ts";
import { endsOf } from "./counted.ts";

/**
 * A warning: a sentence about a problem, and its place. The method's name, if any, comes before it.
 */
export interface Attention {
  readonly rule: AttentionRule;
  readonly method: string;
  readonly sentence: string;
  /** The explanation; may be empty. */
  readonly detail: string;
  /** Null if unknown. */
  readonly since: number | null;
  readonly linkText: string;
  /** A route of the operators' page. */
  readonly link: string;
}

/** The kinds of warnings, most urgent first. */
export const ATTENTION_RULES = [
  "failing",
  "no-worker",
  "losing-workers",
  "full",
  "late",
  "blocked",
  "paused",
] as const;

/** One of {@link ATTENTION_RULES}. */
export type AttentionRule = (typeof ATTENTION_RULES)[number];

/** The facts for the rules. */
export interface AttentionFacts {
  readonly now: number;
  readonly methods: readonly MethodFacts[];
  /** Live processes only. */
  readonly processes: readonly ProcessRow[];
}

/** The facts of a method for the rules. */
export interface MethodFacts {
  readonly method: string;
  /** Undefined if there are no unfinished operations or their number is unknown. */
  readonly live: LiveCount | undefined;
  readonly pauseTime: number | null;
  /** The last 5 minutes. */
  readonly lately: MethodCounts;
  /** The hour before those 5 minutes. */
  readonly before: MethodCounts;
  /** The last 10 minutes. */
  readonly tenMinutes: MethodCounts;
  /** For the last day: the time from available to the first attempt. */
  readonly beginOfDay: Histogram;
  /** The text of the most frequent failure; empty if unknown. */
  readonly failure: string;
  /** The key that blocks the most operations, if looked up. */
  readonly key: KeyCount | undefined;
}

const MINUTE_MS = 60_000;
/** The rule needs this many ended operations. */
const FAILING_ENDS_MIN = 10;
const FAILING_PART = 0.2;
/** This share is a warning regardless of the hour before. */
const FAILING_PART_ALWAYS = 0.5;
const FAILING_TIMES = 3;
const LATE_MS_MIN = MINUTE_MS;
const LATE_TIMES = 10;
const NO_WORKER_MS = 30_000;
/** The rule needs this many operations that wait for their key. */
export const BLOCKED_MIN = 100;
const LOST_MIN = 3;
const ATTENTION_MAX = 5;

/** The current warnings, most urgent first. */
export function attentionOf(facts: AttentionFacts): readonly Attention[] {
  const workers = workersByMethod(facts.processes);
  const found = facts.methods.flatMap((method) =>
    ofMethod(method, { now: facts.now, hasWorker: workers.has(method.method) }),
  );
  const all = [...found, ...ofWorkers(facts)];
  const rank = ({ rule }: Attention): number => ATTENTION_RULES.indexOf(rule);
  return all.toSorted((a, b) => rank(a) - rank(b)).slice(0, ATTENTION_MAX);
}

interface Around {
  readonly now: number;
  readonly hasWorker: boolean;
}

function ofMethod(method: MethodFacts, around: Around): readonly Attention[] {
  const { pauseTime } = method;
  // Operations of a paused method are neither late nor without a worker.
  const waiting =
    pauseTime === null ? (noWorker(method, around) ?? late(method, around)) : paused(method, pauseTime);
  return [failing(method), waiting, blocked(method)].filter((each) => each !== undefined);
}

function failing({ method, lately, before, failure }: MethodFacts): Attention | undefined {
  const [ends, part] = [endsOf(lately), partFailed(lately)];
  if (ends < FAILING_ENDS_MIN || part < FAILING_PART) return undefined;
  // Compares products of integers, which are exact.
  const isAsBefore = lately.failed * endsOf(before) < FAILING_TIMES * before.failed * ends;
  if (part < FAILING_PART_ALWAYS && isAsBefore) return undefined;
  return {
    rule: "failing",
    method,
    sentence: `failed ${percent(part)} of the time in the last 5 minutes`,
    detail: failure,
    since: null,
    linkText: `Show ${lately.failed === 1 ? "the failure" : `${lately.failed} failures`}`,
    link: route("operations", { view: "failed", method }),
  };
}

function noWorker({ method, live }: MethodFacts, { now, hasWorker }: Around): Attention | undefined {
  const oldest = live?.oldestWaiting ?? null;
  if (hasWorker || live === undefined || oldest === null || now - oldest < NO_WORKER_MS) return undefined;
  return {
    rule: "no-worker",
    method,
    sentence: `has no worker, and ${countText(live.waiting)} ${live.waiting === 1 ? "waits" : "wait"}`,
    detail: "No process that lives declares the method and has slots.",
    since: oldest,
    linkText: "Show the workers",
    link: route("workers"),
  };
}

function late({ method, live, beginOfDay }: MethodFacts, { now }: Around): Attention | undefined {
  const oldest = live?.oldestWaiting ?? null;
  const usual = quantileOf(beginOfDay, 0.95) ?? 0;
  if (oldest === null || now - oldest <= Math.max(LATE_MS_MIN, LATE_TIMES * usual)) return undefined;
  return {
    rule: "late",
    method,
    sentence: `has waited ${spanText(now - oldest)} to begin`,
    detail: usual === 0 ? "" : `Of the last day's, 95 % began within about ${spanText(usual)}.`,
    since: oldest,
    linkText: "Show what waits",
    link: route("operations", { view: "waiting", method }),
  };
}

function paused({ method, live }: MethodFacts, pauseTime: number): Attention | undefined {
  if (live === undefined || live.waiting === 0) return undefined;
  return {
    rule: "paused",
    method,
    sentence: `is paused, and ${countText(live.waiting)} ${live.waiting === 1 ? "waits" : "wait"}`,
    detail: "",
    since: pauseTime,
    linkText: "Show the method",
    link: `#/methods/${encodeURIComponent(method)}`,
  };
}

function blocked({ method, key }: MethodFacts): Attention | undefined {
  if (key === undefined || key.blocked < BLOCKED_MIN) return undefined;
  return {
    rule: "blocked",
    method,
    sentence: `has ${countText(key.blocked)} that wait for the key ${JSON.stringify(key.key)}`,
    detail: `${countText(key.held)} of the key ${key.held === 1 ? "is" : "are"} under way or between attempts.`,
    since: key.oldestBlocked,
    linkText: "Show who holds it",
    link: route("operations", { view: "notdone", method, key: key.key, order: "createTime" }),
  };
}

function ofWorkers({ methods, processes }: AttentionFacts): readonly Attention[] {
  // A worker over the network may claim more at any time: its slots are not known.
  const workers = processes.filter(({ slots, role }) => slots > 0 && role !== "remote");
  return [losingWorkers(methods), full(methods, workers)].filter((each) => each !== undefined);
}

function losingWorkers(methods: readonly MethodFacts[]): Attention | undefined {
  const lost = sum(methods, ({ tenMinutes }) => tenMinutes.workerLost);
  if (lost < LOST_MIN) return undefined;
  const [most] = methods.toSorted((a, b) => b.tenMinutes.workerLost - a.tenMinutes.workerLost);
  return {
    rule: "losing-workers",
    method: "",
    sentence: `Workers vanished during ${countText(lost)} attempts in the last 10 minutes`,
    detail: most === undefined ? "" : `Most often during ${most.method}.`,
    since: null,
    linkText: "Show the workers",
    link: route("workers"),
  };
}

function full(methods: readonly MethodFacts[], workers: readonly ProcessRow[]): Attention | undefined {
  const slots = sum(workers, (each) => each.slots);
  const isBusy = workers.length > 0 && workers.every((each) => each.draining || each.running >= each.slots);
  const waiting = sum(methods, ({ live }) => live?.waiting ?? 0);
  const grown = sum(methods, ({ lately }) => lately.started - endsOf(lately));
  if (!isBusy || waiting === 0 || grown <= 0) return undefined;
  return {
    rule: "full",
    method: "",
    sentence: `All ${slots} slots are taken, and more is started than ends`,
    detail: `${countText(grown)} more in the last 5 minutes; ${countText(waiting)} wait.`,
    since: null,
    linkText: "Show the workers",
    link: route("workers"),
  };
}

/** The processes that run handlers of each method; methods without processes are missing. */
export function workersByMethod(
  processes: readonly ProcessRow[],
): ReadonlyMap<string, readonly ProcessRow[]> {
  const workers = new Map<string, ProcessRow[]>();
  for (const process of processes) {
    if (process.slots === 0 || process.draining) continue;
    for (const method of process.methods) {
      const known = workers.get(method);
      if (known === undefined) workers.set(method, [process]);
      else known.push(process);
    }
  }
  return workers;
}

function partFailed(counts: MethodCounts): number {
  const ends = endsOf(counts);
  return ends === 0 ? 0 : counts.failed / ends;
}

function sum<T>(all: readonly T[], valueOf: (each: T) => number): number {
  return all.reduce((total, each) => total + valueOf(each), 0);
}

function percent(part: number): string {
  return `${Math.round(part * 100)} %`;
}

/** A number with separators, and a mark if counting stopped at the bound. */
function countText(count: number): string {
  const { countedMax } = LIMITS;
  const shown = Math.min(count, countedMax).toLocaleString("en-US");
  return count > countedMax ? `${shown}+` : shown;
}

function route(page: string, parameters: Readonly<Record<string, string>> = {}): string {
  const query = new URLSearchParams(parameters).toString();
  return `#/${page}${query === "" ? "" : `?${query}`}`;
}
