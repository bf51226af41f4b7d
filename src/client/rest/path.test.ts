import assert from "node:assert/strict";
import { test } from "node:test";
import { canonicalName, encodePath } from "./path.ts";

test("canonicalName() accepts names as people paste them", () => {
  for (const text of [
    "operations/x",
    "/operations/x",
    "v1/operations/x",
    "/v1/operations/x",
    "http://h:1/v1/operations/x",
  ]) {
    assert.equal(canonicalName(text), "operations/x");
  }
});

test("encodePath() keeps slashes and escapes the rest", () => {
  assert.equal(encodePath("projects/a:b/operations/x?y#ü"), "projects/a%3Ab/operations/x%3Fy%23%C3%BC");
  for (const name of ["a/../b", "a/./b", "..", "."])
    assert.throws(() => encodePath(name), { code: "INVALID_ARGUMENT" }, name);
});
