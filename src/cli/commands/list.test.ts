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
  assert.match(head ?? "", /^NAME +STATE +METHOD +CREATED +TOOK +PROGRESS$/);
  assert.equal(rows.length, 3);
  assert.match(rows[0] ?? "", /^operations\/\S+ {2}SUCCEEDED {2}echo {2,}\d{4}-/);
});

test("list --output json prints an array, cut at --limit with a note about the rest", async () => {
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

test("list says that there are no operations", async () => {
  await using bench = await aBench();
  using world = aWorld({ environment: { LONGRUNNING_SERVER: bench.url } });
  assert.equal(await world.run("list"), EXIT.succeeded);
  assert.equal(world.out(), "");
  assert.match(world.err(), /^No operations; below a parent/);
  const told = world.err().length;
  assert.equal(await world.run("list", "--output", "json"), EXIT.succeeded);
  assert.deepEqual([world.out(), world.err().slice(told)], ["[]\n", ""]);
});

test("a mistake in the filter is shown at its position in the given text", async () => {
  await using bench = await aBench();
  for (const more of [[], ["--state", "FAILED"]]) {
    using world = aWorld({ environment: { LONGRUNNING_SERVER: bench.url } });
    assert.equal(await world.run("list", "--filter", "done = true AND = 1", ...more), EXIT.refused);
    assert.match(world.err(), /Invalid filter at character 17: /);
  }
});

test("list sends the filter and the order", async () => {
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

test("list finds by method and state, in every collection", async () => {
  await using bench = await aBench();
  using world = aWorld({ environment: { LONGRUNNING_SERVER: bench.url } });
  await world.run("start", "echo", "--json", '{"text":"a"}', "--parent", "projects/p", "--wait");
  await world.run("start", "fail", "--wait");
  await world.run("start", "hold");
  const namesOf = async (...flags: string[]): Promise<readonly string[]> => {
    const before = world.out().length;
    assert.equal(await world.run("list", ...flags, "--output", "json"), EXIT.succeeded, world.err());
    const listed = JSON.parse(world.out().slice(before)) as { metadata: { verb: string } }[];
    return listed.map(({ metadata }) => metadata.verb);
  };
  assert.deepEqual(await namesOf("--all-collections"), ["hold", "fail", "echo"]);
  assert.deepEqual(await namesOf("--all-collections", "--method", "echo"), ["echo"]);
  assert.deepEqual(await namesOf("--state", "FAILED"), ["fail"]);
  const either = "metadata.verb = hold OR metadata.verb = fail";
  assert.deepEqual(await namesOf("--filter", either, "--state", "FAILED"), ["fail"], "the filter is a part");
  assert.deepEqual(await namesOf("--method", 'no"thing*'), []);
  assert.equal(await world.run("list", "--all-collections", "--parent", "projects/p"), EXIT.usage);
  assert.match(world.err(), /all-collections: lists every collection/);
});

test("list --watch continues until Ctrl-C", async () => {
  await using bench = await aBench();
  const environment = { LONGRUNNING_SERVER: bench.url, NO_COLOR: "1" };
  using world = aWorld({ environment, terminal: true });
  await world.run("start", "echo", "--json", '{"text":"a"}', "--wait");
  const watching = world.run("list", "--watch");
  await world.outContains("\u001b[H\u001b[2J");
  world.interrupt();
  assert.equal(await watching, EXIT.interrupted);
  assert.match(world.out(), /NAME +STATE[^]+SUCCEEDED/);
});
