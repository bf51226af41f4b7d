import assert from "node:assert/strict";
import { test } from "node:test";
import { checkTarget } from "./target.ts";

const NONE = { filter: "", method: "", all: false, parent: undefined, dryRun: false };

test("checkTarget() distinguishes one from many, and refuses both and neither", () => {
  assert.equal(checkTarget(["operations/a"], NONE), "one");
  for (const selection of [{ filter: "done = false" }, { method: "echo" }, { all: true }]) {
    assert.equal(checkTarget([], { ...NONE, ...selection, parent: "projects/a", dryRun: true }), "many");
    assert.throws(() => checkTarget(["operations/a"], { ...NONE, ...selection }), { exit: "usage" });
  }
  assert.throws(() => checkTarget([], { ...NONE, all: true, method: "echo" }), { exit: "usage" });
  assert.throws(() => checkTarget([], NONE), { exit: "usage", message: /Nothing says/ });
});

test("checkTarget() refuses flags of selections together with a NAME", () => {
  for (const [options, message] of [
    [{ dryRun: true }, /^--dry-run goes with a selection/],
    [{ parent: "-" }, /^--parent goes with a selection/],
  ] as const)
    assert.throws(() => checkTarget(["operations/a"], { ...NONE, ...options }), { exit: "usage", message });
});
