import assert from "node:assert/strict";
import { test } from "node:test";
import { KINDS } from "./faults.ts";
import { runHistory } from "./history.ts";
import { planOf } from "./plan.ts";

const HISTORIES = 200;
/** All kinds of faults, of endings and of refusals. */
const HAPPENINGS = [
  ...KINDS.map((kind) => `fault {"kind":"${kind}"`),
  "becomes SUCCEEDED",
  "becomes FAILED HANDLER_FAILED",
  "becomes FAILED FAILED_PRECONDITION",
  "becomes FAILED UNAVAILABLE",
  "becomes FAILED WORKER_LOST",
  "becomes FAILED DEADLINE_PASSED",
  "becomes CANCELLED OPERATION_CANCELLED",
  "becomes PENDING",
  "is removed",
  "list shows o",
  "start STORE_UNAVAILABLE",
  "start lost",
  "start PARALLEL_LIMIT_REACHED",
  "start REQUEST_ID_INVALID",
  "start REQUEST_ID_REUSED",
  "start BUG",
  "OPERATION_NOT_FOUND",
  "OPERATION_EXPIRED",
];

test("histories of fixed seeds have no problems", async () => {
  const wrong: string[] = [];
  const seen = new Set<string>();
  for (let seed = 1; seed <= HISTORIES; seed++) {
    const { problems, lines } = await runHistory(planOf(seed), true);
    for (const problem of problems) wrong.push(`seed ${seed}: ${problem}`);
    for (const line of lines) for (const what of HAPPENINGS) if (line.includes(what)) seen.add(what);
  }
  assert.deepEqual(wrong, []);
  assert.deepEqual(
    HAPPENINGS.filter((what) => !seen.has(what)),
    [],
    "what no history had",
  );
});

test("the same seed gives the same course, whatever ran before it, and another seed another course", async () => {
  const seeds = [3, 17, 99, 1_234];
  const first: string[] = [];
  for (const seed of seeds) first.push(await course(seed));
  const again: string[] = [];
  for (const seed of seeds.toReversed()) again.unshift(await course(seed));
  assert.deepEqual(again, first);
  assert.equal(new Set(first).size, seeds.length);
});

async function course(seed: number): Promise<string> {
  const { lines, hash } = await runHistory(planOf(seed), true);
  return [hash, ...lines].join("\n");
}
