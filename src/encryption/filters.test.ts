import assert from "node:assert/strict";
import { test } from "node:test";
import { compileFilter } from "../core/filter/check.ts";
import { checkFilter } from "./filters.ts";

function check(text: string): void {
  checkFilter(compileFilter(text) ?? assert.fail(text));
}

test("a filter on an encrypted field is refused, with the name of the field", () => {
  for (const [text, field] of [
    ["metadata.disk = a", "metadata.disk"],
    ["response.path = /a AND done = true", "response.path"],
    ["done = true OR NOT metadata:disk", "metadata"],
    ["error.message:full", "error.message"],
    ["error.details.text:x", "error.details.text"],
    ["response:path", "response"],
  ] as const)
    assert.throws(() => check(text), {
      code: "INVALID_ARGUMENT",
      reason: "FILTER_INVALID",
      metadata: { field },
      message: new RegExp(`${field.replaceAll(".", "\\.")} is encrypted`),
    });
  assert.throws(() => check("word"), { reason: "FILTER_INVALID", message: /the word "word" is looked for/ });
});

test("a filter on other fields is allowed", () => {
  for (const text of [
    'metadata.verb = a AND metadata.target = "t" AND metadata.createTime > 2026-01-01T00:00:00Z',
    "error.code = NOT_FOUND OR error:* OR response:* OR metadata:*",
    "NOT done = true name:x metadata.@type:Struct response.@type:Struct",
  ])
    check(text);
  checkFilter({ kind: "methods", names: new Set(["a"]) });
});
