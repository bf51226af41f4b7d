import assert from "node:assert/strict";
import { test } from "node:test";
import { EXIT } from "../exit.ts";
import { aBench } from "../methods.suite.ts";
import { aWorld } from "../world.suite.ts";

test("list shows a table, newest first, over all pages", async () => {
  await using bench = await aBench();
  using world = aWorld({ environment: { LONGRUNNING_SERVER: bench.url } });
  for (const text of ["a", "b", "c"])
    await world.run("start", "echo", "--json", JSON.stringify({ text }), "--wait");
  using fresh = aWorld({ environment: { LONGRUNNING_SERVER: bench.url } });
  assert.equal(await fresh.run("list", "--page-size", "1"), EXIT.succeeded);
  const [head, ...rows] = fresh.out().trimEnd().split("\n");
  assert.match(head ?? "", /^NAME +STATE +METHOD +CREATED +PROGRESS$/);
  assert.equal(rows.length, 3);
  assert.match(rows[0] ?? "", /^operations\/\S+ {2}SUCCEEDED {2}echo {2,}\d{4}-/);
});

test("list --output json is an array, cut at --limit with a word about the rest", async () => {
  await using bench = await aBench();
  using world = aWorld({ environment: { LONGRUNNING_SERVER: bench.url } });
  for (let count = 0; count < 3; count++) await world.run("start", "hold");
  const before = world.out().length;
  assert.equal(await world.run("list", "--limit", "2", "--output", "json"), EXIT.succeeded);
  assert.equal((JSON.parse(world.out().slice(before)) as unknown[]).length, 2);
  assert.match(world.err(), /There are more than 2/);
  const all = world.out().length;
  const told = world.err().length;
  assert.equal(await world.run("list", "--limit", "3", "--output", "json"), EXIT.succeeded);
  assert.equal((JSON.parse(world.out().slice(all)) as unknown[]).length, 3);
  assert.equal(world.err().slice(told), "", "no more than these");
});

test("list says that there is nothing", async () => {
  await using bench = await aBench();
  using world = aWorld({ environment: { LONGRUNNING_SERVER: bench.url } });
  assert.equal(await world.run("list"), EXIT.succeeded);
  assert.equal(world.out(), "");
  assert.match(world.err(), /^No operations; below a parent/);
  const told = world.err().length;
  assert.equal(await world.run("list", "--output", "json"), EXIT.succeeded);
  assert.deepEqual([world.out(), world.err().slice(told)], ["[]\n", ""]);
});

test("list passes the filter and the order on", async () => {
  await using bench = await aBench();
  using world = aWorld({ environment: { LONGRUNNING_SERVER: bench.url } });
  for (const text of ["a", "b"]) {
    await world.run("start", "echo", "--json", JSON.stringify({ text }), "--wait");
  }
  await world.run("start", "hold");
  const before = world.out().length;
  const call = ["list", "--filter", "done = true", "--order-by", "createTime", "--output", "json"];
  assert.equal(await world.run(...call), EXIT.succeeded);
  const listed = JSON.parse(world.out().slice(before)) as { name: string }[];
  assert.equal(listed.length, 2);
  assert.ok((listed[0]?.name ?? "") < (listed[1]?.name ?? ""));
});
