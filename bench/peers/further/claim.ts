import { cpuMs } from "../cpu.ts";
import type { Further, FurtherStage } from "./further.ts";
import { allDone, callsOf, Ours, startMany } from "./ours.ts";

const { start } = callsOf("echo", {});

/** The cost of running the pending operations. */
interface Drained {
  readonly perSecond: number;
  /** CPU time of worker and database for one operation. */
  readonly microseconds: number;
}

export const claim: Further = {
  name: "claim",
  title:
    "Pending operations that are claimed and run beside many finished operations, against a database without finished operations",
  async run(stage) {
    const { finished, pending } = stage.size;
    const among = await drainAmong(stage, finished);
    const alone = await drainAmong(stage, 0);
    return {
      figures: {
        finished,
        pending,
        "operations/s": among.perSecond,
        "operations/s, none finished": alone.perSecond,
        "CPU µs/operation, worker and database": among.microseconds,
        "CPU µs/operation, none finished": alone.microseconds,
      },
      checks: [
        {
          what: "CPU, times that without finished ones",
          value: among.microseconds / alone.microseconds,
          limit: 1.3,
          rule: "at most",
        },
      ],
      notes: ["All pending operations are stored before the worker starts; no caller waits for them."],
    };
  },
};

async function drainAmong(stage: FurtherStage, finished: number): Promise<Drained> {
  const store = await stage.database();
  await using ours = new Ours(stage, store);
  const { url } = await ours.serve("api");
  if (finished > 0) {
    const first = await ours.serve("worker");
    await startMany(url, start, finished);
    await allDone(url);
    await first.stop();
    await store.diskBytes();
  }
  const { pending } = stage.size;
  await startMany(url, start, pending);
  const before = cpuMs(store.pids);
  const began = performance.now();
  const worker = await ours.serve("worker");
  await allDone(url);
  const elapsedMs = performance.now() - began;
  const cpu = cpuMs(store.pids) - before + cpuMs([worker.pid]);
  return { perSecond: (pending / elapsedMs) * 1_000, microseconds: (cpu * 1_000) / pending };
}
