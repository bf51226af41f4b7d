import assert from "node:assert/strict";
import { test } from "node:test";
import { EXIT } from "../exit.ts";
import { aBench } from "../methods.suite.ts";
import { aWorld } from "../world.suite.ts";

test("cancel asks, and with --wait tells the outcome", async () => {
  await using bench = await aBench();
  using world = aWorld({ environment: { LONGRUNNING_SERVER: bench.url } });
  await world.run("start", "hold", "--output", "json");
  const { name } = JSON.parse(world.out()) as { name: string };
  assert.equal(await world.run("cancel", name), EXIT.succeeded);
  assert.match(world.err(), /See what becomes of it with: longrunning wait/);
  assert.equal(await world.run("cancel", name, "--wait"), EXIT.cancelled);
  assert.match(world.out(), /CANCELLED/);
});
