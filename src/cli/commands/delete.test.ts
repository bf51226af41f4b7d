import assert from "node:assert/strict";
import { test } from "node:test";
import { EXIT } from "../exit.ts";
import { aBench } from "../methods.suite.ts";
import { aWorld } from "../world.suite.ts";

test("delete removes the record, and says if there is none", async () => {
  await using bench = await aBench();
  using world = aWorld({ environment: { LONGRUNNING_SERVER: bench.url } });
  await world.run("start", "echo", "--json", '{"text": "x"}', "--output", "json");
  const { name } = JSON.parse(world.out()) as { name: string };
  assert.equal(await world.run("delete", name), EXIT.succeeded);
  assert.equal(await world.run("delete", name), EXIT.notFound);
  assert.match(world.err(), /error: NOT_FOUND: [\s\S]*longrunning list/);
});
