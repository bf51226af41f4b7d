import assert from "node:assert/strict";
import { test } from "node:test";
import { EXIT } from "../exit.ts";
import { aBench } from "../methods.suite.ts";
import { aWorld } from "../world.suite.ts";

test("failures says that nothing failed", async () => {
  await using bench = await aBench();
  using world = aWorld({ environment: { LONGRUNNING_SERVER: bench.url } });
  assert.equal(await world.run("failures", "--method", "echo"), EXIT.succeeded);
  assert.match(world.err(), /^Nothing failed in the last (?:59 min|1 h(?: \d+ min)?)\.\n$/);
  assert.equal(await world.run("failures", "--output", "json"), EXIT.succeeded);
  assert.equal(typeof (JSON.parse(world.out()) as { readonly asOf: unknown }).asOf, "string");
});
