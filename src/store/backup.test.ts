import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { systemClock } from "../core/ports/clock.ts";
import { anOperation } from "../testing/an-operation.ts";
import { backupStore } from "./backup.ts";
import { asUnderWatch } from "../../test/support/watched-threads.ts";
import { openStore } from "./open.ts";
import { aFinishedOperation, aRunningOperation, put } from "./suite/subject.suite.ts";

function aFolder(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "longrunning-backup-"));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test("a backup beside a server that keeps starting operations contains everything acknowledged before it, and disturbs no call", async (context) => {
  const folder = aFolder(context);
  const address = `sqlite:${join(folder, "operations.db")}`;
  const store = await openStore(address);
  const before = Array.from({ length: 2_000 }, () =>
    anOperation({ request: JSON.stringify("x".repeat(1_000)) }),
  );
  await Promise.all(before.map((operation) => store.write({ verb: "insert", operation })));
  const file = join(folder, "copy.db");
  let during = 0;
  const over = new AbortController();
  const load = (async () => {
    while (!over.signal.aborted) {
      await store.write({ verb: "insert", operation: anOperation() });
      during++;
    }
  })();
  const { bytes } = await backupStore(address, file);
  over.abort();
  await load;
  assert.ok(during > 0, "others wrote while it was made");
  assert.equal(bytes, statSync(file).size);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.deepEqual(
    readdirSync(folder).filter((each) => each.startsWith("copy")),
    ["copy.db"],
  );
  // The restored service, beside the original.
  const restored = await openStore(`sqlite:${file}`);
  const found = await Promise.all(before.map(({ id }) => restored.read(id)));
  assert.deepEqual(found, before);
  assert.deepEqual(restored.key, store.key);
  await restored.close();
  await store.close();
});

test("under node --watch, where the thread reports its modules, a backup is complete too", async (context) => {
  const folder = aFolder(context);
  const address = `sqlite:${join(folder, "operations.db")}`;
  const store = await openStore(address);
  const finished = aFinishedOperation();
  await put(store, finished);
  await store.close();
  await asUnderWatch(() => backupStore(address, join(folder, "copy.db")));
  const restored = await openStore(`sqlite:${join(folder, "copy.db")}`);
  assert.deepEqual(await restored.read(finished.id), finished);
  await restored.close();
});

test("operations that were running when a backup was made are due at once where it is restored", async (context) => {
  const folder = aFolder(context);
  const address = `sqlite:${join(folder, "operations.db")}`;
  const store = await openStore(address);
  const [running, finished] = [aRunningOperation(systemClock.now() + 3_600_000), aFinishedOperation()];
  await put(store, running, finished);
  await backupStore(address, join(folder, "copy.db"));
  await store.close();
  const restored = await openStore(`sqlite:${join(folder, "copy.db")}`);
  const { ids } = await restored.due({ by: "lease", limit: 9, after: null });
  assert.deepEqual(ids, [running.id]);
  assert.equal((await restored.read(finished.id))?.state, "SUCCEEDED");
  await restored.close();
});

test("a backup overwrites nothing, and leaves nothing behind if it fails", async (context) => {
  const folder = aFolder(context);
  const path = join(folder, "operations.db");
  const address = `sqlite:${path}`;
  await (await openStore(address)).close();
  const file = join(folder, "copy.db");
  writeFileSync(file, "mine");
  await assert.rejects(backupStore(address, file), {
    code: "FAILED_PRECONDITION",
    message: /Cannot write ".*copy\.db": there is something of that name/,
  });
  await assert.rejects(backupStore(address, path), { message: /there is something of that name/ });
  rmSync(file);
  writeFileSync(`${file}.part`, "another's");
  await assert.rejects(backupStore(address, file), { message: /Another backup writes it/ });
  assert.equal(existsSync(file), false);
  rmSync(`${file}.part`);
  const damaged = join(folder, "damaged.db");
  writeFileSync(damaged, "no database ".repeat(1_000));
  await assert.rejects(backupStore(`sqlite:${damaged}`, file), {
    message: /damaged\.db": the file is not a SQLite/,
  });
  await assert.rejects(backupStore(`sqlite:${folder}/none.db`, file), { message: /there is no such file/ });
  await assert.rejects(backupStore(address, join(folder, "no", "copy.db")), {
    message: /its folder does not exist/,
  });
  const signal = AbortSignal.abort();
  await assert.rejects(backupStore(address, file, { signal }));
  assert.deepEqual(
    readdirSync(folder).filter((each) => each.startsWith("copy")),
    [],
  );
});

test("a store without a file of its own says how to back it up", async () => {
  await assert.rejects(backupStore("postgres://me:secret@h/d", "/copy.db"), {
    code: "FAILED_PRECONDITION",
    message: /pg_dump/,
  });
  await assert.rejects(backupStore("sqlite::memory:", "/copy.db"), { message: /in memory/ });
});
