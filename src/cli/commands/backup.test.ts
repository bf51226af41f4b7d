import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { openStore } from "../../store/open.ts";
import { anOperation } from "../../testing/an-operation.ts";
import { EXIT } from "../exit.ts";
import { aWorld } from "../world.suite.ts";

test("backup copies a store that a server has open, and prints what it did", async () => {
  using world = aWorld({ terminal: true });
  const store = `sqlite:${world.directory}/operations.db`;
  const served = await openStore(store);
  const operation = anOperation();
  await served.write({ verb: "insert", operation });
  assert.equal(await world.run("backup", "copy.db", "--store", store), EXIT.succeeded);
  assert.match(world.out(), /^Copied sqlite:.*operations\.db to .*copy\.db \(\d+\.\d MiB in [\d.]+ s\)/m);
  for (const [file, ...flags] of [
    ["third.db", "--json"],
    ["other.db", "--output", "json"],
  ] as const)
    assert.equal(await world.run("backup", file, "--store", store, ...flags), EXIT.succeeded);
  const told = JSON.parse(world.out().split("\n").at(-2) ?? "") as { file: string; bytes: number };
  assert.equal(told.file, join(world.directory, "other.db"));
  await served.close();
  const copy = await openStore(`sqlite:${world.directory}/copy.db`);
  assert.equal((await copy.read(operation.id))?.id, operation.id);
  await copy.close();
});

test("backup refuses what it cannot do, with an alternative", async () => {
  using world = aWorld();
  world.file("copy.db", "mine");
  const store = `sqlite:${world.directory}/operations.db`;
  await (await openStore(store)).close();
  assert.equal(await world.run("backup", "copy.db", "--store", store), EXIT.refused);
  assert.match(world.err(), /there is something of that name/);
  assert.equal(await world.run("backup", "x.db", "--store", "postgres://u:secret@h/d"), EXIT.refused);
  assert.match(world.err(), /pg_dump/);
  assert.doesNotMatch(world.err(), /secret/);
  assert.equal(await world.run("backup"), EXIT.usage);
});
