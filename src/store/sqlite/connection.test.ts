import assert from "node:assert/strict";
import { test } from "node:test";
import { aDatabaseFile } from "./a-database.suite.ts";
import { MEMORY, openForReading, openForWriting, prepareForRows, rowOf, rowsOf } from "./connection.ts";

test("openForReading() sees commits and cannot write", (context) => {
  const path = aDatabaseFile(context);
  const writing = openForWriting(path);
  writing.exec("create table t (a)");
  const reading = openForReading(path);
  writing.exec("insert into t values (1)");
  assert.deepEqual(rowsOf(prepareForRows(reading, "select a from t")), [[1]]);
  assert.throws(() => reading.exec("insert into t values (2)"), /readonly/);
  reading.close();
  writing.close();
});

test("rowOf() returns an array, or undefined if there is no row", () => {
  const statement = prepareForRows(openForWriting(MEMORY), "select ?, 'b' where ? > 0");
  assert.deepEqual(rowOf(statement, "a", 1), ["a", "b"]);
  assert.equal(rowOf(statement, "a", 0), undefined);
});
