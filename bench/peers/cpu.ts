import { readdirSync, readFileSync } from "node:fs";

/** The clock ticks of Linux, on every machine that Node.js runs on. */
const TICKS_PER_SECOND = 100;

interface Times {
  readonly parent: number;
  /** The CPU time of the process itself, and of its children that have ended. */
  readonly ticks: number;
}

/** CPU of processes and all their descendants since their starts, in milliseconds. Linux only: 0 elsewhere. */
export function cpuMs(roots: readonly number[]): number {
  if (process.platform !== "linux") return 0;
  const all = new Map(processes().map((pid) => [pid, timesOf(pid)]));
  const counted = new Set(roots);
  for (let grown = true; grown; ) {
    grown = false;
    for (const [pid, times] of all) {
      if (times === undefined || counted.has(pid) || !counted.has(times.parent)) continue;
      counted.add(pid);
      grown = true;
    }
  }
  const ticks = [...counted].reduce((sum, pid) => sum + (all.get(pid)?.ticks ?? 0), 0);
  return (ticks / TICKS_PER_SECOND) * 1_000;
}

/**
 * @returns the parent of a running process. @throws {Error} if the process has ended. Linux only: 0
 *   elsewhere
 */
export function parentOf(pid: number): number {
  if (process.platform !== "linux") return 0;
  const parent = timesOf(pid)?.parent;
  if (parent === undefined) throw new Error(`There is no process ${pid}`);
  return parent;
}

function processes(): readonly number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/**
 * See proc_pid_stat(5): fields 4 and 14 to 17. They are counted after the name, which may contain
 * anything.
 */
function timesOf(pid: number): Times | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    const fields = stat
      .slice(stat.lastIndexOf(")") + 2)
      .split(" ")
      .map(Number);
    const ticks = fields.slice(11, 15).reduce((sum, value) => sum + value, 0);
    return { parent: fields[1] ?? 0, ticks };
  } catch {
    return undefined;
  }
}
