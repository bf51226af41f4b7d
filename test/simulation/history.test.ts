import assert from "node:assert/strict";
import { test } from "node:test";
import { runHistory } from "./history.ts";
import { planOf } from "./plan.ts";

const HISTORIES = 200;

test("histories of fixed seeds go as they should", async () => {
  const wrong: string[] = [];
  const sum = { operations: 0, attempts: 0, faults: 0 };
  for (let seed = 1; seed <= HISTORIES; seed++) {
    const { problems, figures } = await runHistory(planOf(seed));
    for (const problem of problems) wrong.push(`seed ${seed}: ${problem}`);
    for (const name of Object.keys(sum) as (keyof typeof sum)[]) sum[name] += figures[name];
  }
  assert.deepEqual(wrong, []);
  for (const count of Object.values(sum)) assert.ok(count > HISTORIES, JSON.stringify(sum));
});

test("the same seed gives the same course, whatever was run before it, and another seed another", async () => {
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
