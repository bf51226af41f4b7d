import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { anyRecord } from "../suite/records.suite.ts";
import { anOperation } from "../../testing/an-operation.ts";
import { toNewOperation, toNewRow, toOperation, toRow } from "./row.ts";

test("toOperation() is the inverse of toRow()", () => {
  fc.assert(
    fc.property(anyRecord(1_000_000), (operation) =>
      assert.deepEqual(toOperation(toRow(operation)), operation),
    ),
  );
});

test("toNewOperation() is the inverse of toNewRow(), which accepts new records only", () => {
  for (const fields of [
    {},
    { availableTime: 7, priority: 9, parallelKey: "k", deadlineTime: 1, caller: null },
  ]) {
    const operation = anOperation(fields);
    assert.deepEqual(toNewOperation(toNewRow(operation) ?? assert.fail()), operation);
  }
  fc.assert(
    fc.property(anyRecord(1_000_000), (operation) => {
      const row = toNewRow(operation);
      assert.equal(row === undefined, operation.revision > 1 || operation.blocked);
      if (row !== undefined) assert.deepEqual(toNewOperation(row), operation);
    }),
  );
});
