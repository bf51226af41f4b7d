import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { type TestContext, test } from "node:test";
import { Teller } from "../../core/teller.ts";
import { anOperation } from "../../testing/an-operation.ts";
import { readMigrations } from "../migrate.ts";
import { openStore } from "../open.ts";
import { put } from "../suite/subject.suite.ts";
import { aDatabaseFile } from "./a-database.suite.ts";
import { openForWriting } from "./connection.ts";
import { migrateOnThread } from "./migration-thread.ts";
import { migrate } from "./schema.ts";

const NAMES = readMigrations("sqlite").map(({ name }) => name);

/** A file of an older version, changed by a statement of the test. */
function anOlderFile(context: TestContext, { applied, text = "" }: { applied: number; text?: string }) {
  const path = aDatabaseFile(context);
  const database = openForWriting(path);
  migrate(database, 7, readMigrations("sqlite").slice(0, applied));
  database.exec(text);
  database.close();
  return path;
}

/** Collects the events while a store opens. */
function telling() {
  const told: string[] = [];
  const teller = new Teller();
  const { promise: began, resolve } = Promise.withResolvers<void>();
  teller.watch(
    (...[name, fields]) => {
      if (name === "migration.began") resolve();
      if (name === "migration.began" || name === "migration.applied") told.push(`${name} ${fields.name}`);
    },
    ["migration.began", "migration.applied"],
  );
  return { told, tell: teller.tell, began };
}

test("migrations of an older program's file leave the event loop free, and are reported one by one", async (context) => {
  const path = anOlderFile(context, { applied: 5 });
  const other = openForWriting(path);
  // The migration waits for this lock; on the main thread it would never end.
  other.exec("begin immediate");
  const { told, tell, began } = telling();
  const opening = openStore(`sqlite:${path}`, { tell });
  await began;
  assert.deepEqual(told, [`migration.began ${NAMES[5]}`]);
  other.exec("commit");
  other.close();
  const store = await opening;
  const all = NAMES.slice(5).flatMap((name) => [`migration.began ${name}`, `migration.applied ${name}`]);
  assert.deepEqual(told, all);
  const operation = anOperation();
  await put(store, operation);
  assert.deepEqual((await store.read(operation.id))?.id, operation.id);
  await store.close();
});

test("a migration that fails in the thread is reported like any other, and the file is free afterwards", async (context) => {
  const path = anOlderFile(context, { applied: 6, text: "create table statistics (one integer)" });
  for (let time = 0; time < 2; time++) {
    await assert.rejects(openStore(`sqlite:${path}`), {
      code: "FAILED_PRECONDITION",
      message: /^Cannot apply migration "0007-statistics": .*already exists.* Nothing of it was kept\.$/,
    });
  }
  const database = openForWriting(path);
  database.exec("drop table statistics");
  database.close();
  await (await openStore(`sqlite:${path}`)).close();
});

test("if SQLite or this program fails, the thread ends, and its error is reported", async (context) => {
  const path = aDatabaseFile(context);
  writeFileSync(path, "This is no database. ".repeat(100));
  await assert.rejects(migrateOnThread({ path, now: 7 }, {}), { errcode: 26, message: /not a database/ });
  await assert.rejects(migrateOnThread({ path: 7 as never, now: 7 }, {}), TypeError);
});
