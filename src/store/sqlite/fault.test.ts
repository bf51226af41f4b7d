import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { StatusError } from "../../core/error/error.ts";
import { InvariantError } from "../../core/invariant.ts";
import { faultError, faultOf } from "./fault.ts";

function thrownBy(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}

test("faultOf() distinguishes our bugs from faults of the machine", () => {
  const database = new DatabaseSync(":memory:");
  database.exec("create table t (a check (a > 0)); pragma max_page_count = 2");
  const constraint = faultOf(thrownBy(() => database.exec("insert into t values (0)")));
  assert.deepEqual(constraint, {
    kind: "bug",
    message: "CHECK constraint failed: a > 0 (SQLite result code 19)",
  });
  const full = faultOf(thrownBy(() => database.exec("insert into t values (zeroblob(100000))")));
  assert.deepEqual(full, {
    kind: "unavailable",
    message: "database or disk is full (SQLite result code 13)",
  });
  assert.deepEqual(faultOf(new TypeError("no such thing")), { kind: "bug", message: "no such thing" });
});

test("faultError() hides the details from callers, and logs them", () => {
  const bug = faultError({ kind: "bug", message: "CHECK failed" });
  assert.ok(bug instanceof InvariantError && bug.message.includes("CHECK failed"));
  const away = faultError({ kind: "unavailable", message: "disk is full" });
  assert.ok(away instanceof StatusError && away.reason === "STORE_UNAVAILABLE");
  assert.ok(!away.message.includes("disk is full") && String(away.cause).includes("disk is full"));
});
