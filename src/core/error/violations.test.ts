import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { fieldError, Violations, violationsText } from "./violations.ts";
import { LIMITS } from "../limits.ts";

const found = [
  { message: "expected a string", path: ["files", 3, { key: "name" }] },
  { message: "must not be empty" },
];

suite("violations", () => {
  test("are listed on one line, each after its path", () => {
    assert.equal(violationsText(found), "files[3].name: expected a string; must not be empty");
  });

  test("become a BadRequest, with a field for each", () => {
    assert.deepEqual(Violations.of(found).detail["fieldViolations"], [
      { field: "files[3].name", description: "expected a string" },
      { description: "must not be empty" },
    ]);
  });

  test("become one error, with one violation on each line", () => {
    const error = Violations.of(found).error("REQUEST_INVALID");
    assert.equal(error.message, "expected a string\nmust not be empty");
    assert.deepEqual(error.metadata, { field: "files[3].name" });
    assert.deepEqual(error.details, [Violations.of(found).detail]);
  });

  test("of a single field become an error too", () => {
    const error = fieldError("FILTER_INVALID", { field: "filter", description: "No." });
    assert.equal(error.message, "No.");
    assert.deepEqual(error.metadata, { field: "filter" });
  });

  test("are listed up to a maximum, and counted beyond it without being created", () => {
    const many = new Violations();
    let made = 0;
    const describe = (): string => `violation ${++made}`;
    for (let index = 0; index < LIMITS.violationsMax + 7; index++) many.add(describe, "a");
    assert.equal(many.count, LIMITS.violationsMax + 7);
    assert.ok(many.isFull);
    assert.equal(made, LIMITS.violationsMax);
    assert.match(many.lines, /\nviolation 50\nand 7 more$/);
    assert.equal((many.detail["fieldViolations"] as unknown[]).length, LIMITS.violationsMax);
    const ofSchema = Violations.of(
      Array.from({ length: LIMITS.violationsMax + 7 }, () => ({ message: "no" })),
    );
    assert.match(ofSchema.text, /; no; and 7 more$/);
  });

  test("have bounded texts, whatever a caller or a schema wrote", () => {
    const long = "x".repeat(1_000_000);
    const many = Violations.of(
      Array.from({ length: 300 }, () => ({ message: long, path: [long, long, long] })),
    );
    for (const text of [many.text, many.lines]) assert.ok(text.length <= LIMITS.messageLengthMax);
    assert.match(many.text, /; and 29\d more$/);
    assert.ok(JSON.stringify(many.error("REQUEST_INVALID").details).length < LIMITS.detailsBytesMax);
  });
});
