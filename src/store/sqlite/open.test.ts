import assert from "node:assert/strict";
import { existsSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { remoteWorker } from "../../core/operation/remote-worker.ts";
import { anOperation } from "../../testing/an-operation.ts";
import { applyMigrations, openStore } from "../open.ts";
import { aDatabaseFile } from "./a-database.suite.ts";
import { ManualClock } from "../../testing/manual-clock.ts";
import { aRunningOperation, put } from "../suite/subject.suite.ts";
import { openForWriting } from "./connection.ts";

test("openStore() creates the file and its folder, and leaves one tidy file", async (context) => {
  const path = join(dirname(aDatabaseFile(context)), "new", "folder", "operations.db");
  const store = await openStore(`sqlite:${path}`);
  await put(store, anOperation());
  await store.close();
  assert.ok(statSync(path).size > 0);
  assert.deepEqual([existsSync(`${path}-wal`), existsSync(`${path}-shm`)], [false, false]);
});

test("openStore() for reading only needs a file that a server has created", async (context) => {
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

test("openStore() creates files that only their owner can read", async (context) => {
  const path = aDatabaseFile(context);
  const store = await openStore(`sqlite:${path}`);
  await put(store, anOperation());
  for (const file of [path, `${path}-wal`, `${path}-shm`]) assert.equal(statSync(file).mode & 0o077, 0, file);
  await store.close();
});

test("applyMigrations() creates a file that can be read before a server has used it", async (context) => {
  const path = aDatabaseFile(context);
  await applyMigrations(`sqlite:${path}`);
  const looking = await openStore(`sqlite:${path}`, { readOnly: true });
  const { key } = looking;
  await looking.close();
  const store = await openStore(`sqlite:${path}`);
  assert.deepEqual(store.key, key);
  await store.close();
});

test("a file that could not be opened is free, and can be opened after the repair", async (context) => {
  const path = aDatabaseFile(context);
  await (await openStore(`sqlite:${path}`)).close();
  const mend = (text: string): void => {
    const database = openForWriting(path);
    database.exec(text);
    database.close();
  };
  mend("insert into migrations (number, name, checksum, apply_time) values (99, '0099-later', 'x', 0)");
  await assert.rejects(openStore(`sqlite:${path}`), { code: "FAILED_PRECONDITION", message: /0099-later/ });
  mend("delete from migrations where number = 99");
  await (await openStore(`sqlite:${path}`)).close();
});

test("operations that the previous process ran are due at once, however long their leases were", async (context) => {
  const path = aDatabaseFile(context);
  const clock = new ManualClock();
  const first = await openStore(`sqlite:${path}`, { clock });
  const leases = [1, 30_000, 86_400_000].map((leaseMs) => aRunningOperation(clock.now() + leaseMs));
  await put(first, ...leases);
  await first.close();
  const second = await openStore(`sqlite:${path}`, { clock });
  const { ids } = await second.due({ by: "lease", limit: 9, after: null });
  await second.close();
  assert.deepEqual(ids.toSorted(), leases.map(({ id }) => id).toSorted());
});

test("operations of workers without the store stay with them, because these outlive the process", async (context) => {
  const path = aDatabaseFile(context);
  const clock = new ManualClock();
  const first = await openStore(`sqlite:${path}`, { clock });
  const lease = { ...aRunningOperation(clock.now() + 30_000), worker: remoteWorker("w") };
  await put(first, lease);
  await first.close();
  const second = await openStore(`sqlite:${path}`, { clock });
  const due = await second.due({ by: "lease", limit: 9, after: null });
  assert.deepEqual(due.ids, []);
  const answer = await second.write({ verb: "renew", ...lease, leaseMs: 30_000, metadata: null });
  assert.equal(answer.held, true);
  await second.close();
});
