import type { FromJob, Report, Story, Task, ToJob } from "./messages.ts";
import { plant } from "./plant.ts";
import { PLANTED } from "./planted.ts";

/** A process that runs histories on request. Its argument names the planted bug, if any. */
const [id] = process.argv.slice(2);
const bug = PLANTED.find((each) => each.id === id);
if (bug !== undefined) plant(bug);

const { runHistory } = await import("./history.ts");
const { planOf } = await import("./plan.ts");
const { smallest } = await import("./shrink.ts");

process.on("message", (message: ToJob) => {
  void answer(message).then((told) => process.send?.(told));
});
// The parent process has ended.
process.on("disconnect", () => process.exit());

async function answer(message: ToJob): Promise<FromJob> {
  return "run" in message ? { report: await run(message.run) } : { story: await explain(message.explain) };
}

async function run(task: Task): Promise<Report> {
  const began = process.cpuUsage();
  const sum = { histories: 0, operations: 0, attempts: 0, faults: 0 };
  let hash = 0;
  let failed: Report["failed"];
  for (let seed = task.from; seed < task.from + task.count && failed === undefined; seed++) {
    const outcome = await runHistory(planOf(seed));
    sum.histories++;
    sum.operations += outcome.figures.operations;
    sum.attempts += outcome.figures.attempts;
    sum.faults += outcome.figures.faults;
    hash = Math.imul(hash, 31) + Number.parseInt(outcome.hash, 16);
    if (outcome.problems.length > 0) failed = { seed, problems: outcome.problems };
  }
  const { user, system } = process.cpuUsage(began);
  return { task, ...sum, failed, hash: (hash >>> 0).toString(16), cpuMs: (user + system) / 1_000 };
}

async function explain(seed: number): Promise<Story> {
  const plan = planOf(seed);
  const { problems } = await runHistory(plan);
  const [problem] = problems;
  const least = problem === undefined ? plan : await smallest(plan, problem);
  const outcome = await runHistory(least, true);
  return { seed, problems: outcome.problems, plan: JSON.stringify(least, null, 2), lines: outcome.lines };
}
