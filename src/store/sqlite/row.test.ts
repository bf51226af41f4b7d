import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { InvariantError } from "../../core/invariant.ts";
import { anOperation } from "../../testing/an-operation.ts";
import { anyRecord } from "../suite/records.suite.ts";
import { changeOf, toChange, toOperation, toRow } from "./row.ts";

test("toOperation() gives back what toRow() was given", () => {
  fc.assert(
    fc.property(anyRecord(1_000_000), (operation) =>
      assert.deepEqual(toOperation(toRow(operation)), operation),
    ),
  );
});

test("toChange() says of a row what changeOf() says of its record", () => {
  const { id, method, state, availableTime, ...operation } = anOperation({ cancelTime: 5 });
  const expected = changeOf({ id, method, state, availableTime, ...operation });
  assert.deepEqual(toChange([id, method, state, availableTime, 5], false), expected);
  assert.deepEqual(toChange([id, method, state, availableTime, null], true), {
    ...expected,
    state: null,
    cancelRequested: false,
  });
});

test("a state that the program does not know is a bug, not a default", () => {
  assert.throws(() => toChange(["a", "m", "PAUSED", 0, null], false), InvariantError);
});
