import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { anyRecord } from "../suite/records.suite.ts";
import { toOperation, toRow } from "./row.ts";

test("toOperation() is the inverse of toRow()", () => {
  fc.assert(
    fc.property(anyRecord(1_000_000), (operation) =>
      assert.deepEqual(toOperation(toRow(operation)), operation),
    ),
  );
});
