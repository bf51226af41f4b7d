import assert from "node:assert/strict";
import { test } from "node:test";
import { InvariantError } from "../core/invariant.ts";
import { anOperation } from "../testing/an-operation.ts";
import { changeOf, toChange } from "./cells.ts";

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
