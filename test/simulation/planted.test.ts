import assert from "node:assert/strict";
import { test } from "node:test";
import { Job } from "./jobs.ts";
import type { Plan } from "./plan.ts";

test("a planted bug is found in a process of its own and shown in a small history, and without it there is no problem", async () => {
  using job = new Job("attempts-are-counted-wrongly");
  const { failed } = await job.run({ from: 1, count: 300 });
  assert.match(failed?.problems.join() ?? "", /and the model FAILED/);
  const { plan, problems, lines } = await job.explain(failed?.seed ?? 0);
  assert.match(problems.join(), /and the model FAILED/);
  const { callers, faults } = JSON.parse(plan) as Plan;
  assert.deepEqual([callers.length, faults.length], [1, 0], plan);
  assert.match(lines.join("\n"), /database: o1 is stored/);
});
