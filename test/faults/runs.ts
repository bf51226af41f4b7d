import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * The limit that operations of a limited method share: of those that hold a place, at most `limit`
 * run at once.
 */
export interface Place {
  /** The method and the key. */
  readonly key: string;
  readonly limit: number;
}

/**
 * A line that a handler wrote about itself. Instants are on the machine's monotonic clock, which
 * all processes share.
 */
export interface RunLine {
  readonly event: "began" | "ended";
  /** The operation's name. */
  readonly name: string;
  readonly attempt: number;
  /** Only of a limited method. */
  readonly place?: Place;
  /** Milliseconds on the monotonic clock. */
  readonly at: number;
  /** The process's own wall-clock time, in milliseconds since the Unix epoch. */
  readonly wall: number;
}

/** One run of a handler. */
export interface Run {
  readonly name: string;
  readonly attempt: number;
  /** Only of a limited method. */
  readonly place?: Place;
  /** The id of the process. */
  readonly process: number;
  readonly began: number;
  /** Infinite if it has not ended. */
  readonly ended: number;
  readonly wallMinusMonotonic: number;
}

/** Interruptions of processes while handlers ran in them. */
export interface Interruption {
  readonly process: number;
  readonly from: number;
  /** Infinite for killed processes. */
  readonly to: number;
}

/** The result of {@link checkRuns}. */
export interface RunsReport {
  readonly runs: number;
  /** Runs that were not the first of their operation. */
  readonly again: number;
  /** The longest time for which two attempts of one operation overlapped, in milliseconds. */
  readonly worstOverlapMs: number;
  readonly findings: readonly string[];
}

/** This machine's monotonic clock in milliseconds, as the handlers write it. */
export function monotonicNow(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/**
 * Reads the handlers' records: one file for each process, whose name begins with the process id.
 */
export function readRuns(folder: string): readonly Run[] {
  return readdirSync(folder).flatMap((file) => {
    const lines = readFileSync(join(folder, file), "utf8").split("\n").slice(0, -1);
    return runsOf(
      Number.parseInt(file, 10),
      lines.map((line) => JSON.parse(line) as RunLine),
    );
  });
}

/** The runs in the lines of one process. */
export function runsOf(processId: number, lines: readonly RunLine[]): readonly Run[] {
  const key = ({ name, attempt }: RunLine): string => `${attempt} ${name}`;
  const ends = new Map(lines.filter(({ event }) => event === "ended").map((line) => [key(line), line.at]));
  return lines
    .filter(({ event }) => event === "began")
    .map((line) => ({
      name: line.name,
      attempt: line.attempt,
      ...(line.place === undefined ? {} : { place: line.place }),
      process: processId,
      began: line.at,
      ended: ends.get(key(line)) ?? Number.POSITIVE_INFINITY,
      wallMinusMonotonic: line.wall - line.at,
    }));
}

/**
 * Finds operations that two attempts ran at once, and attempts that began twice.
 *
 * A worker trusts a lease for less time than the store grants, so an attempt ends before the next
 * begins. Time in which a process was frozen or dead does not count; after waking up, it gets
 * `marginMs` to notice.
 */
export function checkRuns(
  runs: readonly Run[],
  options: { readonly interruptions: readonly Interruption[]; readonly marginMs: number },
): RunsReport {
  const findings: string[] = [];
  let [again, worstOverlapMs] = [0, 0];
  for (const [name, all] of Map.groupBy(runs, (run) => run.name)) {
    const attempts = all.toSorted((a, b) => a.attempt - b.attempt || a.began - b.began);
    for (const [index, run] of attempts.entries()) {
      if (run.attempt > 1) again++;
      for (const later of attempts.slice(index + 1)) {
        if (later.attempt === run.attempt) findings.push(`attempt ${run.attempt} of ${name} began twice`);
        const overlapMs = overlap(run, later, options.interruptions);
        worstOverlapMs = Math.max(worstOverlapMs, overlapMs);
        if (overlapMs > options.marginMs) {
          const both = `attempts ${run.attempt} and ${later.attempt} of ${name}`;
          findings.push(`${both} ran at once for ${overlapMs.toFixed(0)} ms`);
        }
      }
    }
  }
  return { runs: runs.length, again, worstOverlapMs, findings };
}

/** Milliseconds in which both ran, and neither process was frozen or dead. */
function overlap(one: Run, other: Run, interruptions: readonly Interruption[]): number {
  const from = Math.max(one.began, other.began);
  const to = Math.min(one.ended, other.ended);
  const holes = interruptions
    .filter(({ process }) => process === one.process || process === other.process)
    .map((each) => ({ from: Math.max(each.from, from), to: Math.min(each.to, to) }))
    .filter((hole) => hole.from < hole.to)
    .toSorted((a, b) => a.from - b.from);
  let [total, at] = [0, from];
  for (const hole of holes) {
    total += Math.max(0, hole.from - at);
    at = Math.max(at, hole.to);
  }
  // Both may be open-ended.
  return at >= to ? total : total + (to - at);
}
