import assert from "node:assert/strict";
import { chmodSync, copyFileSync, mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { openStore } from "../../store/open.ts";
import { anOperation } from "../../testing/an-operation.ts";
import { storeChecks } from "./store.ts";
import { aWorld, type World } from "../world.suite.ts";

const statuses = async (world: World, address: string) =>
  Object.fromEntries((await storeChecks(world.io, address)).map((check) => [check.name, check.status]));

test("storeChecks() passes for a store that does not exist yet", async () => {
  using world = aWorld();
  assert.deepEqual(await statuses(world, `sqlite:${world.directory}/data/operations.db`), {
    store: "ok",
    writable: "ok",
    disk: "ok",
  });
});

test("storeChecks() works while a server has the store open, and does not disturb it", async () => {
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

test("storeChecks() counts operations past their deadline", async () => {
  using world = aWorld();
  const address = `sqlite:${world.directory}/operations.db`;
  const store = await openStore(address);
  const deadlineTime = anOperation().createTime + 1;
  for (const fields of [{ deadlineTime }, { deadlineTime }, {}])
    await store.write({ verb: "insert", operation: anOperation(fields) });
  await store.close();
  const found = (await storeChecks(world.io, address)).find((check) => check.name === "overdue");
  assert.deepEqual([found?.status, found?.message.split(" ")[0]], ["warn", "2"]);
});

test("storeChecks() warns of a store in memory, and refuses an invalid address", async () => {
  using world = aWorld();
  assert.deepEqual(await statuses(world, "sqlite::memory:"), { store: "warn" });
  assert.deepEqual(await statuses(world, "sqlite:"), { store: "fail" });
});

test("storeChecks() fails if the folder is not writable", {
  skip: process.getuid?.() === 0 && "root may write anything",
}, async () => {
  using world = aWorld();
  const folder = `${world.directory}/data`;
  mkdirSync(folder);
  chmodSync(folder, 0o500);
  assert.equal((await statuses(world, `sqlite:${folder}/operations.db`))["writable"], "fail");
});

test("storeChecks() changes and creates nothing, whether a server was there, is there or was killed", async () => {
  using world = aWorld();
  const [folder, path] = [join(world.directory, "data"), join(world.directory, "data", "operations.db")];
  mkdirSync(folder);
  const store = await openStore(`sqlite:${path}`);
  await store.write({ verb: "insert", operation: anOperation() });
  const served = stateOf(folder);
  await storeChecks(world.io, `sqlite:${path}`);
  assert.deepEqual(stateOf(folder), served);
  const killed = join(world.directory, "killed");
  mkdirSync(killed);
  for (const file of readdirSync(folder)) copyFileSync(join(folder, file), join(killed, file));
  await store.close();
  for (const each of [folder, killed]) {
    const before = stateOf(each);
    assert.equal((await statuses(world, `sqlite:${each}/operations.db`))["store"], "ok");
    assert.deepEqual(stateOf(each), before);
  }
});

test("storeChecks() reports the journal without changing it", async () => {
  using world = aWorld();
  const path = join(world.directory, "operations.db");
  await (await openStore(`sqlite:${path}`)).close();
  const database = new DatabaseSync(path);
  database.exec("pragma journal_mode = delete");
  database.close();
  const before = readFileSync(path);
  const checks = await storeChecks(world.io, `sqlite:${path}`);
  const durability = checks.find((check) => check.name === "durability");
  assert.match(durability?.message ?? "", /journal delete.*the next start of serve makes it wal/);
  assert.deepEqual(readFileSync(path), before);
  assert.deepEqual(readdirSync(world.directory).toSorted(), ["operations.db", "operations.db.lock"]);
});

/** The files of a folder, with their times of change. */
function stateOf(folder: string): readonly string[] {
  const files = readdirSync(folder).toSorted();
  return files.map((file) => {
    const { size, mtimeMs } = statSync(join(folder, file));
    // Readers record their positions in the index of the log, which is memory shared by processes.
    return file.endsWith("-shm") ? file : `${file} ${size} ${mtimeMs}`;
  });
}
