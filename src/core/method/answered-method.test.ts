import assert from "node:assert/strict";
import { test } from "node:test";
import { answeredMethod, isAnsweredMethod, isDeclaredMethod } from "./answered-method.ts";
import { defineMethod } from "./method.ts";

const schema = {
  "~standard": { version: 1, vendor: "test", validate: (value: unknown) => ({ value }) },
} as const;

test("a method that is answered at once is distinguished from one that runs, and from anything else", () => {
  const answered = answeredMethod({ name: "a", rpc: {}, request: schema, response: schema, answer: () => 1 });
  const running = defineMethod({ name: "b", request: schema, run: () => {} });
  assert.deepEqual([answered, running, {}, null].map(isAnsweredMethod), [true, false, false, false]);
  assert.deepEqual([answered, running, {}, null].map(isDeclaredMethod), [true, true, false, false]);
});
