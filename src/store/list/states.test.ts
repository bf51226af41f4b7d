import assert from "node:assert/strict";
import { test } from "node:test";
import { compileFilter } from "../../core/filter/check.ts";
import { STATES } from "../../core/operation/operation.ts";
import { stateBounds } from "./states.ts";

test("a filter's conditions on the state are found, in any form", () => {
  const cases: Readonly<Record<string, readonly [states: string, exact: boolean]>> = {
    "metadata.state = FAILED": ["FAILED", true],
    "metadata.state:(FAILED OR RUNNING)": ["RUNNING FAILED", true],
    "metadata.state != SUCCEEDED": ["PENDING RUNNING FAILED CANCELLED", true],
    "done = false": ["PENDING RUNNING", true],
    "NOT done != true": ["SUCCEEDED FAILED CANCELLED", true],
    "error:*": ["FAILED CANCELLED", true],
    "error.code = NOT_FOUND": ["FAILED CANCELLED", false],
    "response.path = x": ["SUCCEEDED", false],
    "response:*": ["SUCCEEDED", true],
    "response:path": ["SUCCEEDED", false],
    "NOT response.path = x": ["PENDING RUNNING SUCCEEDED FAILED CANCELLED", false],
    "done = true AND metadata.x = 1": ["SUCCEEDED FAILED CANCELLED", false],
    "done = true OR metadata.x = 1": ["PENDING RUNNING SUCCEEDED FAILED CANCELLED", false],
    "done = true AND metadata.state = PENDING": ["", true],
    "metadata.verb = x": ["PENDING RUNNING SUCCEEDED FAILED CANCELLED", false],
    word: ["PENDING RUNNING SUCCEEDED FAILED CANCELLED", false],
  };
  for (const [text, [states, exact]] of Object.entries(cases)) {
    const filter = compileFilter(text);
    assert.ok(filter);
    const bounds = stateBounds(filter);
    const found = STATES.filter((state) => bounds.states.has(state)).join(" ");
    assert.deepEqual([found, bounds.exact], [states, exact], text);
  }
});
