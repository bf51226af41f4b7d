import { run } from "../load.ts";
import type { Further, FurtherStage } from "./further.ts";
import { callsOf, Ours, runningAt } from "./ours.ts";

const SLEEP_MS = 5;
/** Slots of each worker. Few, so that the slots are the bottleneck, not the processors. */
const CONCURRENCY = 1;
const CALLERS = 64;

export const workers: Further = {
  name: "workers",
  title: "Four workers against one, with a handler that sleeps 5 ms",
  async run(stage) {
    const one = await rateOf(stage, 1);
    const four = await rateOf(stage, 4);
    return {
      figures: { "operations/s, 1 worker": one, "operations/s, 4 workers": four },
      checks: [{ what: "rate, times that of one", value: four / one, limit: 3.5, rule: "at least" }],
      notes: [`Each worker runs ${CONCURRENCY} handler at a time; ${CALLERS} callers.`],
    };
  },
};

async function rateOf(stage: FurtherStage, count: number): Promise<number> {
  await using ours = new Ours(stage, await stage.database());
  const { url } = await ours.serve("api");
  for (let each = 0; each < count; each++) await ours.serve("worker", ["--concurrency", `${CONCURRENCY}`]);
  const running = runningAt(url, callsOf("nap", { milliseconds: SLEEP_MS }));
  const { warmUpSeconds, manySeconds } = stage.size;
  await run(running, { callers: CALLERS, seconds: warmUpSeconds });
  return (await run(running, { callers: CALLERS, seconds: manySeconds })).perSecond;
}
