import assert from "node:assert/strict";
import { test } from "node:test";
import { EXIT } from "../exit.ts";
import { aBench } from "../methods.suite.ts";
import { aWorld } from "../world.suite.ts";

test("methods shows each method with a command that starts one", async () => {
  await using bench = await aBench();
  using world = aWorld();
  assert.equal(await world.run("methods", "--server", bench.url), EXIT.succeeded);
  const line = /longrunning start echo --json '(.*)' --server (\S+)/.exec(world.out());
  assert.ok(line !== null, world.out());
  using again = aWorld();
  const [, json = "", server = ""] = line;
  assert.equal(
    await again.run("start", "echo", "--json", json, "--server", server, "--wait"),
    EXIT.succeeded,
  );
});

test("methods --output json is for programs", async () => {
  await using bench = await aBench();
  using world = aWorld({ environment: { LONGRUNNING_SERVER: bench.url } });
  assert.equal(await world.run("methods", "--output", "json"), EXIT.succeeded);
  const offered = JSON.parse(world.out()) as readonly { readonly name: string }[];
  assert.deepEqual(
    offered.map(({ name }) => name),
    ["echo", "fail", "hold"],
  );
});

test("methods says if there is no server", async () => {
  using world = aWorld();
  assert.equal(await world.run("methods", "--server", "http://127.0.0.1:1"), EXIT.unreachable);
  assert.match(world.err(), /could not reach the server/);
  using odd = aWorld();
  assert.equal(await odd.run("methods", "--server", "nowhere"), EXIT.usage);
});
