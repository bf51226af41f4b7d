import assert from "node:assert/strict";
import { test } from "node:test";
import { compileFilter } from "../../core/filter/check.ts";
import { isByMethodAndState, methodBounds } from "./methods.ts";

test("a filter's conditions on the method are found, and whether it has others besides these and the state", () => {
  const cases: Readonly<Record<string, readonly [methods: string | undefined, isAll: boolean]>> = {
    "metadata.verb = a": ["a", true],
    "metadata.verb = a AND metadata.state = FAILED": ["a", true],
    "(metadata.verb = a OR metadata.verb = b) error:*": ["a b", true],
    "metadata.verb = a AND (metadata.verb = a OR metadata.verb = b)": ["a", true],
    "metadata.verb = a AND metadata.verb = b": ["", true],
    "metadata.verb = a OR metadata.state = FAILED": [undefined, false],
    "metadata.verb = a error.code = NOT_FOUND": ["a", false],
    "metadata.verb = a word": ["a", false],
    "NOT metadata.verb = a": [undefined, false],
    "metadata.verb != a": [undefined, false],
    "metadata.verb : a": [undefined, false],
    "metadata.verb = a*": [undefined, false],
    "metadata.target = a": [undefined, false],
    "metadata.state = FAILED": [undefined, true],
    "done = true AND metadata.state = FAILED": [undefined, true],
    word: [undefined, false],
  };
  for (const [text, [methods, isAll]] of Object.entries(cases)) {
    const filter = compileFilter(text) ?? assert.fail();
    const bounds = methodBounds(filter);
    const found = bounds === undefined ? undefined : [...bounds].toSorted().join(" ");
    assert.deepEqual([found, isByMethodAndState(filter)], [methods, isAll], text);
  }
  const unstorable = compileFilter('metadata.verb = "a\0b"') ?? assert.fail();
  assert.deepEqual(methodBounds(unstorable), new Set());
  const named = methodBounds({ kind: "methods", names: new Set(["m"]) });
  assert.deepEqual(named, new Set(["m"]));
});
