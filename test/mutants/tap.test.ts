import assert from "node:assert/strict";
import { test } from "node:test";
import { FirstFailure } from "./tap.ts";

const OUTPUT = `TAP version 13
# Subtest: list
    # Subtest: in order
    ok 1 - in order
      ---
      duration_ms: 1
      ...
    # Subtest: later
    not ok 2 - later # todo
      ---
      location: '/copy/src/todo.test.ts:2:3'
      ...
    # Subtest: empty
    not ok 3 - empty
      ---
      duration_ms: 1
      location: '/copy/src/list.test.ts:7:3'
      failureType: 'testCodeFailure'
      ...
not ok 1 - list
  ---
  location: '/copy/src/suite.test.ts:1:1'
  ...
`;

test("the first test that failed is found, however the output is split", () => {
  for (const size of [1, 7, OUTPUT.length]) {
    const failure = new FirstFailure();
    const pieces = Array.from({ length: Math.ceil(OUTPUT.length / size) }, (_, index) =>
      OUTPUT.slice(index * size, (index + 1) * size),
    );
    const found = pieces.map((piece) => failure.take(piece)).find((each) => each !== undefined);
    assert.deepEqual(found, { name: "empty", file: "/copy/src/list.test.ts" });
  }
});

test("nothing is found if all tests pass", () => {
  assert.equal(new FirstFailure().take("TAP version 13\nok 1 - a\n  ---\n  ...\n"), undefined);
});
