import assert from "node:assert/strict";
import { test } from "node:test";
import { anOperation } from "../../testing/an-operation.ts";
import { aRunningOperation } from "../suite/subject.suite.ts";
import { MEMORY, openForWriting } from "./connection.ts";
import { Reader } from "./reader.ts";
import { migrate } from "./schema.ts";
import { Writer } from "./writer.ts";

test("a limit below nothing is nothing: SQLite would take it for no limit", () => {
  const database = openForWriting(MEMORY);
  migrate(database, 0);
  const [due, pending] = [aRunningOperation(1), anOperation()];
  new Writer(database).run([[due, pending].map((operation) => ({ verb: "insert", operation }) as const)], 0);
  const reader = new Reader(database);
  assert.deepEqual(reader.due(1, -1), []);
  assert.deepEqual(reader.due(1, 5), [due]);
});
