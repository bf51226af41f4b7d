import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { dirname } from "node:path";
import { test } from "node:test";
import { openStore } from "../open.ts";
import { aDatabaseFile } from "./a-database.suite.ts";
import { inspectSqlite, openToInspect } from "./inspect.ts";

test("a file is inspected without a trace, whoever opens it first", async (context) => {
  const path = aDatabaseFile(context);
  const store = await openStore(`sqlite:${path}`);
  assert.deepEqual([inspectSqlite(path).isServed, inspectSqlite(path).journalMode], [true, "wal"]);
  await assert.rejects(openStore(`sqlite:${path}`), /another server has it open/);
  await store.close();
  assert.deepEqual([inspectSqlite(path).isServed, inspectSqlite(path).journalMode], [false, "wal"]);
  openToInspect(path).close();
  assert.deepEqual(readdirSync(dirname(path)).toSorted(), ["operations.db", "operations.db.lock"]);
});
