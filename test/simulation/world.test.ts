import assert from "node:assert/strict";
import { test } from "node:test";
import { Life } from "./life.ts";
import { World } from "./world.ts";

test("events come in the order of their instants, and those of one instant in the order in which they were set", async () => {
  const world = new World();
  const seen: string[] = [];
  world.after(20, undefined, () => seen.push(`c ${world.now}`));
  world.after(10, undefined, () => {
    seen.push(`a ${world.now}`);
    world.after(0, undefined, () => seen.push(`b ${world.now}`));
  });
  const cancel = world.after(15, undefined, () => seen.push("cancelled"));
  cancel();
  await world.run(() => false);
  assert.deepEqual(seen, ["a 10", "b 10", "c 20"]);
});

test("the promises that follow from an event settle before the next event, however long their chain is", async () => {
  const world = new World();
  const seen: string[] = [];
  world.after(1, undefined, () => {
    void (async () => {
      for (let step = 0; step < 50; step++) await Promise.resolve();
      seen.push("chain");
    })();
  });
  world.after(1, undefined, () => seen.push("next"));
  await world.run(() => false);
  assert.deepEqual(seen, ["chain", "next"]);
});

test("a frozen process gets all events at once when it resumes, and a dead one gets none", async () => {
  const world = new World();
  const life = new Life("0-0", world, 0);
  const other = new Life("1-0", world, 0);
  const seen: string[] = [];
  for (const ms of [10, 20, 300]) life.after(ms, () => seen.push(`${ms} at ${world.now}`));
  other.after(15, () => seen.push("never"));
  world.after(5, undefined, () => {
    life.freeze(100);
    other.die();
  });
  await world.run(() => false);
  assert.deepEqual(seen, ["10 at 105", "20 at 105", "300 at 300"]);
  assert.deepEqual([life.timers, other.timers], [0, 1]);
});
