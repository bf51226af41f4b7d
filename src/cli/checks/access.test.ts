import assert from "node:assert/strict";
import { test } from "node:test";
import { aWorld } from "../world.suite.ts";
import { accessChecks } from "./access.ts";

const SETTINGS = { host: "127.0.0.1", role: "all", access: undefined, accessControl: true } as const;

test("if only this machine can call, there is nothing to report", async () => {
  using world = aWorld();
  assert.deepEqual(await accessChecks(world.io, SETTINGS), []);
  assert.deepEqual(await accessChecks(world.io, { ...SETTINGS, host: "0.0.0.0", role: "worker" }), []);
});

test("rules are read, and their mistakes reported", async () => {
  using world = aWorld();
  const access = world.file("access.yaml", 'grants: [{ members: [all], role: viewer, parent: "*" }]');
  const [fine] = await accessChecks(world.io, { ...SETTINGS, access });
  assert.deepEqual([fine?.status, fine?.message.endsWith("has 1 grant and no mistakes")], ["ok", true]);
  world.file("access.yaml", "grants: []");
  const [useless] = await accessChecks(world.io, { ...SETTINGS, access });
  assert.match(`${useless?.status} ${useless?.message}`, /^warn .*no mistakes; there are no grants/);
  world.file("access.yaml", "grants: 1");
  const [wrong] = await accessChecks(world.io, { ...SETTINGS, access });
  assert.match(`${wrong?.status} ${wrong?.message}`, /^fail .*:1:9: grants: expected a list, got 1$/);
  const [none] = await accessChecks(world.io, { ...SETTINGS, access: "none.yaml" });
  assert.match(`${none?.status} ${none?.message}`, /^fail .*cannot be read/);
});

test("a server that others can reach needs rules, or a setting that says it needs none", async () => {
  using world = aWorld();
  const [exposed] = await accessChecks(world.io, { ...SETTINGS, host: "0.0.0.0" });
  assert.match(`${exposed?.status} ${exposed?.message}`, /^fail .*--access FILE.*--no-access-control/);
  const [off] = await accessChecks(world.io, { ...SETTINGS, host: "0.0.0.0", accessControl: false });
  assert.match(
    `${off?.status} ${off?.message}`,
    /^warn access control is off: every client that reaches 0\.0\.0\.0/,
  );
});
