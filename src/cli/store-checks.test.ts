import assert from "node:assert/strict";
import { chmodSync, mkdirSync } from "node:fs";
import { test } from "node:test";
import { openStore } from "../store/open.ts";
import { anOperation } from "../testing/an-operation.ts";
import { storeChecks } from "./store-checks.ts";
import { aWorld, type World } from "./world.suite.ts";

const statuses = async (world: World, address: string) =>
  Object.fromEntries((await storeChecks(world.io, address)).map((check) => [check.name, check.status]));

test("storeChecks() finds a store that is not there yet well", async () => {
  using world = aWorld();
  assert.deepEqual(await statuses(world, `sqlite:${world.directory}/data/operations.db`), {
    store: "ok",
    writable: "ok",
    disk: "ok",
  });
});

test("storeChecks() works while a server has the store open, and takes nothing from it", async () => {
  using world = aWorld();
  const address = `sqlite:${world.directory}/operations.db`;
  const store = await openStore(address);
  const checks = await storeChecks(world.io, address);
  assert.match(checks.find((check) => check.name === "lock")?.message ?? "", /^a server has/);
  await store.write({ verb: "insert", operation: anOperation() });
  await store.close();
  const afterwards = await storeChecks(world.io, address);
  assert.match(afterwards.find((check) => check.name === "lock")?.message ?? "", /^free/);
  assert.match(
    afterwards.find((check) => check.name === "durability")?.message ?? "",
    /journal wal, synchronous full/,
  );
});

test("storeChecks() warns of memory and refuses what is no address", async () => {
  using world = aWorld();
  assert.deepEqual(await statuses(world, "sqlite::memory:"), { store: "warn" });
  assert.deepEqual(await statuses(world, "sqlite:"), { store: "fail" });
});

test("storeChecks() fails where the folder cannot be written", {
  skip: process.getuid?.() === 0 && "root may write anything",
}, async () => {
  using world = aWorld();
  const folder = `${world.directory}/data`;
  mkdirSync(folder);
  chmodSync(folder, 0o500);
  assert.equal((await statuses(world, `sqlite:${folder}/operations.db`))["writable"], "fail");
});
