import { setTimeout as delay } from "node:timers/promises";
import type { Random } from "../../src/core/ports/random.ts";
import { check } from "./checker.ts";
import type { Exchange } from "./calls.ts";
import type { Call } from "./history.ts";
import type { Cluster } from "./cluster.ts";
import type { CourseSetting, During, Figures } from "./fault.ts";
import { Load, WAIT_MS } from "./load.ts";
import { checkPlaces } from "./places.ts";
import { checkRuns, monotonicNow, readRuns } from "./runs.ts";

/** The times of a run. */
export interface Pace {
  /**
   * Before the first measurement: the callers begin in step and finish more until they have spread
   * out.
   */
  readonly warmMs: number;
  /** The length of each of the two windows that are compared. */
  readonly windowMs: number;
}

/**
 * The least rate after the fault, relative to the rate before; a lower one counts as not recovered.
 */
const RATIO_MIN = 0.95;
/**
 * The rate of one second from which measuring begins, relative to the rate before. A second varies
 * more than a window.
 */
const RECOVERED = 0.9;
/** How long a cluster may take to recover. */
const RECOVERY_MS = 30_000;
/** How long a call may take, whatever is broken; for a wait, in addition to its timeout. */
const ANSWER_MS_MAX = 10_000;
/** How long callers may take to see the end of all operations. */
const END_MS = 30_000;
/**
 * How long an operation of a limited method may take without faults, including the operations
 * queued before it.
 */
const QUEUE_MS_MAX = 10_000;
/**
 * How long two attempts may overlap: the time that a handler takes to notice, on a busy machine.
 */
const MARGIN_MS = 400;

/** Runs a load on a cluster through a fault. @throws {Error} with every broken promise */
export class Course {
  readonly #cluster: Cluster;
  readonly #setting: CourseSetting;
  readonly #pace: Pace;
  readonly #load: Load;
  readonly #findings: string[] = [];

  constructor(
    cluster: Cluster,
    setting: CourseSetting,
    how: { readonly pace: Pace; readonly random: Random; readonly prefix: string },
  ) {
    this.#cluster = cluster;
    this.#setting = setting;
    this.#pace = how.pace;
    this.#load = new Load(cluster, how.random, how.prefix);
  }

  async run(during: During): Promise<Figures> {
    const load = this.#load;
    const { warmMs, windowMs } = this.#pace;
    load.begin();
    try {
      await delay(warmMs);
      const before = await load.measure(windowMs);
      const broke = performance.now();
      const own = await during({ cluster: this.#cluster, load, before });
      const mended = performance.now();
      const recoveredMs = await this.#recover(before);
      const healthy = { at: performance.now(), monotonic: monotonicNow() };
      const after = await this.#after(before);
      const rates = { before, during: load.rate(broke, mended), after, ratio: after / before };
      await this.#end();
      const checked = this.#check(healthy);
      if (this.#findings.length > 0) throw new Error(this.#complaint(rates));
      return {
        ...rounded(rates),
        "recovered ms": recoveredMs,
        ...own,
        ...this.#answers(broke, healthy.at),
        ...checked,
      };
    } finally {
      await load.end(0);
      load.calls.close();
    }
  }

  /** Waits until the rate of one second is nearly as before. */
  async #recover(before: number): Promise<number> {
    const from = performance.now();
    let rate = 0;
    while (performance.now() - from < RECOVERY_MS) {
      await delay(250);
      rate = this.#load.rate(performance.now() - 1_000, performance.now());
      if (rate >= RECOVERED * before && performance.now() - from >= 1_000) break;
    }
    return Math.round(performance.now() - from);
  }

  async #after(before: number): Promise<number> {
    const rate = await this.#load.measureAgain(this.#pace.windowMs, RATIO_MIN * before);
    if (rate < RATIO_MIN * before)
      this.#findings.push(`not recovered: ${rate.toFixed(1)}/s after, ${before.toFixed(1)}/s before`);
    return rate;
  }

  async #end(): Promise<void> {
    if (!(await this.#load.end(END_MS)))
      this.#findings.push(`unfinished: callers had not seen the end of everything after ${END_MS} ms`);
    for (const { name } of await this.#load.unfinished(END_MS))
      this.#findings.push(`unfinished: ${name} after ${END_MS} ms`);
  }

  #check(healthy: { readonly at: number; readonly monotonic: number }): Figures {
    const { calls } = this.#load;
    const goesOn = { from: healthy.at, withinMs: QUEUE_MS_MAX };
    this.#findings.push(
      ...check(calls.history, { complete: true, goesOn }),
      ...this.#refused(calls.exchanges),
    );
    const runs = readRuns(this.#cluster.runsFolder);
    const report = checkRuns(runs, { interruptions: this.#cluster.interruptions, marginMs: MARGIN_MS });
    const askedToEnd = endsAskedFor(calls.history, healthy.monotonic - healthy.at);
    this.#findings.push(
      ...report.findings,
      ...checkPlaces(runs, { interruptions: this.#cluster.interruptions, askedToEnd }),
    );
    for (const member of this.#cluster.members) {
      if (!member.isAlive) this.#findings.push(`${member.name} has ended:\n${member.logEnd(2_000)}`);
      else if (member.role !== "api" && !runs.some((run) => isBy(run, member.processId, healthy.monotonic)))
        this.#findings.push(`${member.name} ran nothing after the fault:\n${member.logEnd(2_000)}`);
      else if (member.isServer && !calls.exchanges.some((each) => isGood(each, member.url, healthy.at)))
        this.#findings.push(`${member.name} answered nothing after the fault:\n${member.logEnd(2_000)}`);
    }
    const started = calls.history.filter(
      ({ verb, answer }) => verb === "start" && answer.kind === "operation",
    );
    return {
      operations: new Set(started.map(({ text }) => text)).size,
      limited: new Set(started.flatMap(({ key, text }) => (key === undefined ? [] : [text]))).size,
      refused: calls.history.filter(({ answer }) => answer.kind === "refused").length,
      calls: calls.history.length,
      "attempts again": report.again,
      "overlap ms": Math.round(report.worstOverlapMs),
    };
  }

  /** Answers that callers do not have to expect. */
  #refused(exchanges: readonly Exchange[]): readonly string[] {
    const wrong = exchanges.filter(({ verb, problem, status, ms }) => {
      const mostMs = ANSWER_MS_MAX + (verb === "wait" ? WAIT_MS : 0);
      const broken = status === 0 && ms < mostMs;
      return ms > mostMs || (problem !== undefined && !(broken && this.#setting.serversDie));
    });
    const told = wrong
      .slice(0, 5)
      .map(
        ({ verb, ms, problem = "late" }) =>
          `${verb} was answered after ${ms.toFixed(0)} ms: ${problem}${this.#logged(problem)}`,
      );
    return wrong.length > 5 ? [...told, `and ${wrong.length - 5} more such answers`] : told;
  }

  /** The log line of an internal error that an answer named. */
  #logged(problem: string): string {
    const id = /the log has it under (\w+)/.exec(problem)?.[1];
    if (id === undefined) return "";
    const logs = this.#cluster.members.map((member) => member.logEnd(Number.MAX_SAFE_INTEGER));
    const log = logs.find((each) => each.includes(id));
    const line = log?.split("\n").find((each) => each.includes(id));
    return `\nlog: ${line ?? "nothing"}`;
  }

  /**
   * The answers from the fault until recovery. Waits are excluded, because they are meant to take
   * long.
   */
  #answers(from: number, to: number): Figures {
    const meanwhile = this.#load.calls.exchanges.filter(({ began }) => began >= from && began < to);
    const times = meanwhile
      .filter(({ verb }) => verb !== "wait")
      .map(({ ms }) => ms)
      .toSorted((a, b) => a - b);
    return {
      "answer p99 ms": Math.round(times[Math.floor(times.length * 0.99)] ?? 0),
      "answer max ms": Math.round(times.at(-1) ?? 0),
      unavailable: meanwhile.filter(({ status }) => status === 503).length,
      broken: meanwhile.filter(({ status }) => status === 0).length,
    };
  }

  #complaint(rates: Figures): string {
    const text = Object.entries(rounded(rates)).map(([what, figure]) => `${what}: ${figure}`);
    return [...new Set(this.#findings), text.join(", ")].join("\n");
  }
}

function isBy(
  run: { readonly process: number; readonly began: number },
  process: number,
  from: number,
): boolean {
  return run.process === process && run.began >= from;
}

/**
 * When somebody first asked for the end of each operation; `offset` converts from the callers'
 * clock to the runs' clock.
 */
function endsAskedFor(calls: readonly Call[], offset: number): ReadonlyMap<string, number> {
  const asked = new Map<string, number>();
  for (const { verb, subject, began } of calls)
    if (verb === "cancel" || verb === "delete")
      asked.set(subject, Math.min(asked.get(subject) ?? Number.POSITIVE_INFINITY, began + offset));
  return asked;
}

function isGood({ url, status, began }: Exchange, of: string, from: number): boolean {
  return url === of && status === 200 && began >= from;
}

function rounded(figures: Figures): Figures {
  return Object.fromEntries(Object.entries(figures).map(([what, figure]) => [what, round(figure)]));
}

function round(figure: number | string): number | string {
  return typeof figure === "number" ? Math.round(figure * 100) / 100 : figure;
}
