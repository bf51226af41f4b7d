import assert from "node:assert/strict";
import { test } from "node:test";
import { EXIT } from "../exit.ts";
import { aBench } from "../methods.suite.ts";
import { aWorld } from "../world.suite.ts";

test("pause and resume change what begins, and print how to undo it", async () => {
  await using bench = await aBench();
  const environment = { LONGRUNNING_SERVER: bench.url };
  using world = aWorld({ environment });
  assert.equal(await world.run("pause", "echo"), EXIT.succeeded, world.err());
  assert.match(world.err(), /^Paused echo\. Let it go on with: longrunning resume echo --server/);
  await world.run("start", "echo", "--json", '{"text":"a"}');
  assert.match(world.out(), /PENDING/);
  const { operations } = await bench.server.operations.list({});
  const name = operations[0]?.name ?? "";
  assert.equal(await world.run("list", "--state", "PENDING"), EXIT.succeeded);
  assert.match(world.out(), new RegExp(`${name} +PENDING +echo`));
  assert.equal(await world.run("resume", "echo"), EXIT.succeeded);
  assert.equal(await world.run("wait", name), EXIT.succeeded);
  assert.equal(await world.run("pause", "no-such-method"), EXIT.notFound);
});
