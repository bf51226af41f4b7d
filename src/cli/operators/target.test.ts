import assert from "node:assert/strict";
import { test } from "node:test";
import { checkTarget } from "./target.ts";

test("checkTarget() tells one from many, and refuses both and neither", () => {
  const none = { filter: "", method: "", all: false };
  assert.equal(checkTarget(["operations/a"], none), "one");
  for (const selection of [{ filter: "done = false" }, { method: "echo" }, { all: true }]) {
    assert.equal(checkTarget([], { ...none, ...selection }), "many");
    assert.throws(() => checkTarget(["operations/a"], { ...none, ...selection }), { exit: "usage" });
  }
  assert.throws(() => checkTarget([], none), { exit: "usage", message: /Nothing says/ });
});
