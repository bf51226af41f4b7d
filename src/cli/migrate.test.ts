import assert from "node:assert/strict";
import { test } from "node:test";
import { EXIT } from "./exit.ts";
import { aWorld } from "./world.suite.ts";

test("migrate --dry-run changes nothing, migrate applies, and then all is applied", async () => {
  using world = aWorld();
  const store = `sqlite:${world.directory}/operations.db`;
  assert.equal(await world.run("migrate", "--store", store, "--dry-run"), EXIT.succeeded);
  assert.match(world.out(), /0001-operations +pending/);
  assert.match(world.err(), /pending; apply with: longrunning migrate/);
  assert.equal(await world.run("migrate", "--store", store), EXIT.succeeded);
  assert.match(world.err(), /Applied \d+/);
  assert.equal(await world.run("migrate", "--store", store, "--output", "json"), EXIT.succeeded);
  assert.match(world.err(), /The schema is up to date/);
  assert.match(world.out(), /"applyTime": "\d{4}-/);
});
