import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { descriptorSetOf } from "../../../test/support/descriptors.ts";
import { createClient } from "../../client/index.ts";
import { EXIT } from "../exit.ts";
import { aWorld, source, type World } from "../world.suite.ts";

const FLAGS = ["--store", "sqlite::memory:", "--port", "0", "--log-format", "json"];

function archive(world: World): string {
  return world.file(
    "archive.ts",
    `import { defineMethod } from ${JSON.stringify(source("index.ts"))};
     const request = { "~standard": { version: 1, vendor: "test", validate: (value: unknown) => ({ value }) } } as const;
     export const createArchive = defineMethod({ name: "createArchive", description: "Packs.", request, run: () => {} });
     export const hold = defineMethod({ name: "hold", request, run: (_request, { signal }) =>
       new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))) });`,
  );
}

async function serving(world: World): Promise<string> {
  await world.errContains('"message":"serving"');
  return /http:\/\/[\d.:]+/.exec(world.out())?.[0] ?? assert.fail("expected an address");
}

test("serve serves the methods of a file until a signal", async () => {
  using world = aWorld();
  const ended = world.run("serve", archive(world), ...FLAGS);
  const client = createClient(await serving(world));
  const operation = await client.untilDone(await client.start("createArchive", {}));
  assert.equal(operation.error, null);
  world.interrupt();
  assert.equal(await ended, EXIT.succeeded);
  assert.match(world.err(), /"message":"stopping: 0 running"/);
});

test("serve says how many are running when it stops, and a second signal does not wait", async () => {
  using world = aWorld();
  const ended = world.run("serve", archive(world), ...FLAGS, "--drain", "0s");
  const client = createClient(await serving(world));
  await client.start("hold", {});
  world.interrupt();
  assert.match(world.err(), /stopping: 1 running; up to 0s/);
  world.interrupt();
  assert.deepEqual(world.exits, [EXIT.interrupted]);
  assert.equal(await ended, EXIT.succeeded);
});

test("serve shows the address, the methods and a first call to copy", async () => {
  using world = aWorld();
  const ended = world.run("serve", archive(world), "--store", "sqlite::memory:", "--port", "0");
  await world.outContains("Stop with Ctrl-C");
  assert.match(world.out(), /Methods:\n {2}createArchive {2}Packs\./);
  assert.match(
    world.out(),
    /curl -X POST 'http:\S+\/v1:createArchive' -H 'content-type: application\/json' -d '\{\}'/,
  );
  assert.match(world.out(), /longrunning start createArchive --json '\{\}' --wait --server http/);
  world.interrupt();
  await ended;
});

test("serve shows nothing to start where everything is answered at once", async () => {
  using world = aWorld();
  const file = world.file(
    "library.ts",
    `import { defineHandler } from ${JSON.stringify(source("proto.ts"))};
     export const getBook = defineHandler("test.v1.Library.GetBook", { answer: () => ({}) });`,
  );
  const proto = "service Library { rpc GetBook(Book) returns (Book); } message Book { string name = 1; }";
  const descriptors = descriptorSetOf(`syntax = "proto3"; package test.v1; ${proto}`);
  writeFileSync(join(world.directory, "api.binpb"), descriptors);
  const flags = ["--descriptors", "api.binpb", "--store", "sqlite::memory:", "--port", "0"];
  const ended = world.run("serve", file, ...flags);
  await world.outContains("Stop with Ctrl-C");
  assert.match(world.out(), /Methods:\n {2}getBook {2}answered at once\n\nStop with Ctrl-C/);
  world.interrupt();
  await ended;
});

test("serve refuses a store that it cannot open, and says what to do", async () => {
  using world = aWorld();
  const file = world.file(
    "operations.db",
    "this is no database, and long enough to be read as one ".repeat(20),
  );
  assert.equal(
    await world.run("serve", archive(world), "--port", "0", "--store", `sqlite:${file}`),
    EXIT.refused,
  );
  assert.match(world.err(), /error: Cannot serve: [\s\S]*longrunning doctor/);
});

test("serve tells every wrong setting at once", async () => {
  using world = aWorld({ environment: { LONGRUNNING_PROT: "1" } });
  assert.equal(await world.run("serve", "x.ts", "--lease", "30", "--port", "x"), EXIT.usage);
  assert.match(
    world.err(),
    /LONGRUNNING_PROT[\s\S]*port: expected[\s\S]*lease: expected a duration such as "30s", got "30"/,
  );
});

test("serve says why its store cannot be used, and what to do", async () => {
  using world = aWorld();
  mkdirSync(join(world.directory, "folder.db"));
  const store = `sqlite:${world.directory}/folder.db`;
  assert.equal(await world.run("serve", archive(world), "--store", store, "--port", "0"), EXIT.refused);
  assert.match(world.err(), /Cannot serve: Cannot open ".*folder\.db": it is a folder\. Name a file\./);
});
