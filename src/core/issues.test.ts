import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { LIMITS } from "./limits.ts";
import { fieldViolations, issuesText } from "./issues.ts";

const issues = [
  { message: "expected a string", path: ["files", 3, { key: "name" }] },
  { message: "must not be empty" },
];

suite("issues", () => {
  test("issuesText() puts paths in front, on one line", () => {
    assert.equal(issuesText(issues), "files[3].name: expected a string; must not be empty");
  });

  test("fieldViolations() has a field for each", () => {
    assert.deepEqual(fieldViolations(issues), [
      { field: "files[3].name", description: "expected a string" },
      { description: "must not be empty" },
    ]);
  });

  test("tell a bounded number of them", () => {
    const many = Array.from({ length: LIMITS.issuesMax + 7 }, () => ({ message: "no" }));
    assert.match(issuesText(many), /; no; and 7 more$/);
    assert.equal(fieldViolations(many).length, LIMITS.issuesMax);
  });
});
