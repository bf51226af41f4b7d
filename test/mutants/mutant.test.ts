import assert from "node:assert/strict";
import { test } from "node:test";
import { type Mutant, planted } from "./mutant.ts";

const mutant = (change: Partial<Mutant>): Mutant => ({
  id: "one-too-many",
  file: "src/a.ts",
  find: "a < b",
  replace: "a <= b",
  fault: "It is one too many.",
  ...change,
});

test("a mutant replaces its text", () => {
  assert.equal(planted(mutant({}), "if (a < b) c();"), "if (a <= b) c();");
  assert.equal(planted(mutant({ file: "sql/a.sql", replace: "a <" }), "where a < b"), "where a <");
});

test("a replacement is used literally", () => {
  assert.equal(planted(mutant({ replace: "'$&'" }), "c(a < b);"), "c('$&');");
});

function refused(change: Partial<Mutant>, text: string, message: RegExp): void {
  assert.throws(() => planted(mutant(change), text), message);
}

test("an outdated mutant is refused by name", () => {
  refused({}, "a > b;", /one-too-many: expected its text once in src\/a\.ts, found it 0 times/);
  refused({}, "a < b; a < b;", /found it 2 times/);
  refused({ find: "" }, "a;", /found it 0 times/);
  refused({ replace: "a < b" }, "a < b;", /changes nothing/);
  refused({ replace: "a <" }, "c(a < b);", /leaves no TypeScript/);
});
