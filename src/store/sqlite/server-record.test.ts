import assert from "node:assert/strict";
import { copyFileSync, renameSync, rmSync } from "node:fs";
import { test } from "node:test";
import { anOperation } from "../../testing/an-operation.ts";
import { openStore } from "../open.ts";
import { write } from "../suite/subject.suite.ts";
import { aDatabaseFile } from "./a-database.suite.ts";
import { openForWriting } from "./connection.ts";
import { FileLock } from "./lock.ts";
import { migrate } from "./schema.ts";
import { checkServer, keepServer } from "./server-record.ts";

const WAIT_MS = 7;

/** A file as a killed server leaves it: with its server record, but with its lock released. */
function anAbandonedFile(path: string): void {
  const lock = FileLock.take(aMigratedFile(path));
  const database = openForWriting(path);
  keepServer(database, path);
  database.close();
  lock.release();
}

function aMigratedFile(path: string): string {
  const database = openForWriting(path);
  migrate(database, 0);
  database.close();
  return path;
}

test("a file without a process is free, whatever its record says, and at once if the record names its lock", (context) => {
  const path = aDatabaseFile(context);
  assert.equal(checkServer(aMigratedFile(path), WAIT_MS), 0);
  anAbandonedFile(path);
  assert.equal(checkServer(path, WAIT_MS), 0);
  copyFileSync(path, `${path}-copy`);
  assert.equal(checkServer(`${path}-copy`, WAIT_MS), 0);
});

test("a process that finds the lock deleted waits, because a server may still be running", (context) => {
  const path = aDatabaseFile(context);
  anAbandonedFile(path);
  // The lock is still held, as by a running server, so the next lock file cannot get its inode.
  const lock = FileLock.take(path);
  rmSync(`${path}.lock`);
  const next = FileLock.take(path);
  assert.equal(checkServer(path, WAIT_MS), WAIT_MS);
  next.release();
  lock.release();
});

test("a copy of a running server's file is free", async (context) => {
  const path = aDatabaseFile(context);
  const store = await openStore(`sqlite:${path}`);
  copyFileSync(path, `${path}-copy`);
  const copy = await openStore(`sqlite:${path}-copy`);
  await write(copy, { verb: "insert", operation: anOperation() });
  await copy.close();
  await store.close();
});

test("a file that was renamed away from its log is refused until the log is moved, too", (context) => {
  const path = aDatabaseFile(context);
  anAbandonedFile(path);
  copyFileSync(path, `${path}-wal`);
  renameSync(path, `${path}-renamed`);
  assert.throws(() => checkServer(`${path}-renamed`, WAIT_MS), {
    code: "FAILED_PRECONDITION",
    message: /its newest part lies in ".*operations\.db-wal".*rename that file along/,
  });
  renameSync(`${path}-wal`, `${path}-renamed-wal`);
  assert.equal(checkServer(`${path}-renamed`, WAIT_MS), 0);
});
