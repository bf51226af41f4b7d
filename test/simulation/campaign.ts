import { Job } from "./jobs.ts";
import type { Failed } from "./messages.ts";

/** The settings of a campaign. */
interface CampaignSetting {
  readonly from: number;
  readonly jobs: number;
  readonly histories: number;
  /** Continues until this time, whatever `histories` says. */
  readonly minutes: number | undefined;
  readonly isJson: boolean;
  readonly told: (line: string) => void;
}

/** The result of a campaign. */
interface Result {
  readonly histories: number;
  readonly failed: Failed | undefined;
}

/** The number of seeds that a job gets at a time. */
const TASK = 250;
const PROGRESS_MS = 10_000;

/** Runs histories of successive seeds until one fails, or all have run. */
export async function campaign(setting: CampaignSetting): Promise<Result> {
  const { from, minutes, isJson, told } = setting;
  const began = performance.now();
  const until = minutes === undefined ? Number.POSITIVE_INFINITY : began + minutes * 60_000;
  const most = minutes === undefined ? from + setting.histories : Number.MAX_SAFE_INTEGER;
  const sum = { histories: 0, operations: 0, attempts: 0, faults: 0, cpuMs: 0 };
  let next = from;
  let failed = undefined as Failed | undefined;
  let toldAt = began;
  const work = async (): Promise<void> => {
    using job = new Job();
    while (next < most && failed === undefined && performance.now() < until) {
      const task = { from: next, count: Math.min(TASK, most - next) };
      next += task.count;
      const report = await job.run(task);
      for (const name of Object.keys(sum) as (keyof typeof sum)[]) sum[name] += report[name];
      failed = firstOf(failed, report.failed);
      if (isJson || performance.now() < toldAt + PROGRESS_MS) continue;
      toldAt = performance.now();
      told(`${sum.histories} histories, seeds from ${from}, ${rateOf(sum.histories, toldAt - began)}`);
    }
  };
  await Promise.all(Array.from({ length: setting.jobs }, work));
  const seconds = (performance.now() - began) / 1_000;
  const { histories, operations, attempts, faults, cpuMs } = sum;
  if (isJson) told(JSON.stringify({ from, ...sum, seconds, failed: failed ?? null }));
  else {
    told(
      `${histories} histories, seeds ${from} to ${next - 1}, ${rateOf(histories, seconds * 1_000)}, ` +
        `${(cpuMs / histories).toFixed(2)} ms of CPU each: ${operations} operations, ${attempts} attempts, ${faults} faults`,
    );
    told(failed === undefined ? "ok" : `FAIL  seed ${failed.seed}: ${failed.problems.join("; ")}`);
  }
  return { histories, failed };
}

function firstOf(one: Failed | undefined, other: Failed | undefined): Failed | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return one.seed < other.seed ? one : other;
}

function rateOf(histories: number, ms: number): string {
  return `${(histories / (ms / 1_000)).toFixed(0)} a second`;
}
