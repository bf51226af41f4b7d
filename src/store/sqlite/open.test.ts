import assert from "node:assert/strict";
import { existsSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { anOperation } from "../../testing/an-operation.ts";
import { applyMigrations, openStore } from "../open.ts";
import { aDatabaseFile } from "./a-database.suite.ts";
import { put } from "../suite/subject.suite.ts";

test("openStore() makes the file and its folder, and leaves one tidy file", async (context) => {
  const path = join(dirname(aDatabaseFile(context)), "new", "folder", "operations.db");
  const store = await openStore(`sqlite:${path}`);
  await put(store, anOperation());
  await store.close();
  assert.ok(statSync(path).size > 0);
  assert.deepEqual([existsSync(`${path}-wal`), existsSync(`${path}-shm`)], [false, false]);
});

test("openStore() for reading only needs a file that a server has made", async (context) => {
  const path = aDatabaseFile(context);
  const open = () => openStore(`sqlite:${path}`, { readOnly: true });
  await assert.rejects(open(), { code: "FAILED_PRECONDITION", message: /there is no such file/ });
  const operation = anOperation();
  const store = await openStore(`sqlite:${path}`);
  await put(store, operation);
  const key = store.key;
  await store.close();
  const looking = await open();
  assert.deepEqual(looking.key, key);
  assert.deepEqual((await looking.read(operation.id))?.id, operation.id);
  await looking.close();
  await assert.rejects(openStore("sqlite::memory:", { readOnly: true }), TypeError);
});

test("openStore() makes files that are their owner's alone", async (context) => {
  const path = aDatabaseFile(context);
  const store = await openStore(`sqlite:${path}`);
  await put(store, anOperation());
  for (const file of [path, `${path}-wal`, `${path}-shm`]) assert.equal(statSync(file).mode & 0o077, 0, file);
  await store.close();
});

test("applyMigrations() makes a file that can be read before a server has had it", async (context) => {
  const path = aDatabaseFile(context);
  await applyMigrations(`sqlite:${path}`);
  const looking = await openStore(`sqlite:${path}`, { readOnly: true });
  const { key } = looking;
  await looking.close();
  const store = await openStore(`sqlite:${path}`);
  assert.deepEqual(store.key, key);
  await store.close();
});
