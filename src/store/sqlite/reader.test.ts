import assert from "node:assert/strict";
import { test } from "node:test";
import { anOperation } from "../../testing/an-operation.ts";
import { aRunningOperation } from "../suite/subject.suite.ts";
import { MEMORY, openForWriting } from "./connection.ts";
import { Reader } from "./reader.ts";
import { migrate } from "./schema.ts";
import { Writer } from "./writer.ts";

test("a page of leases examines a limited number of running operations, due or not", () => {
  const database = openForWriting(MEMORY);
  migrate(database, 0);
  const [kept, due, pending] = [aRunningOperation(9), aRunningOperation(1), anOperation()];
  const inserts = [kept, due, pending].map((operation) => ({ verb: "insert", operation }) as const);
  new Writer(database).run(inserts, 0);
  const reader = new Reader(database);
  const first = reader.due({ by: "lease", limit: 1, after: null }, 1);
  assert.deepEqual(first.ids, []);
  const second = reader.due({ by: "lease", limit: 1, after: first.next }, 1);
  assert.deepEqual(second.ids, [due.id]);
  assert.deepEqual(reader.due({ by: "lease", limit: 1, after: second.next }, 1), { ids: [], next: null });
  assert.deepEqual(reader.due({ by: "lease", limit: 3, after: null }, 1), { ids: [due.id], next: null });
});
