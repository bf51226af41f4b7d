import assert from "node:assert/strict";
import { test } from "node:test";
import { InvariantError } from "../core/invariant.ts";
import { anOperation } from "../testing/an-operation.ts";
import { changeOf, toChange } from "./cells.ts";

test("toChange() gives the same for a row as changeOf() for its record", () => {
  const operation = anOperation({ parent: "projects/p", cancelTime: 5 });
  const { id, parent, method, state, availableTime } = operation;
  const expected = changeOf(operation);
  assert.deepEqual(toChange([id, method, state, availableTime, 5, parent], false), expected);
  assert.deepEqual(toChange([id, method, state, availableTime, null, parent], true), {
    ...expected,
    state: null,
    cancelRequested: false,
  });
});

test("an unknown state is a bug, not a default", () => {
  assert.throws(() => toChange(["a", "m", "PAUSED", 0, null, ""], false), InvariantError);
});
