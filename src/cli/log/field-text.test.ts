import assert from "node:assert/strict";
import { test } from "node:test";
import { StatusError } from "../../core/error/error.ts";
import { errorText, plainField } from "./field-text.ts";

test("plainField() returns a JSON value, and never throws", () => {
  const circle: Record<string, unknown> = {};
  circle["self"] = circle;
  assert.deepEqual([5n, Symbol("s"), undefined, { a: [1] }, circle].map(plainField), [
    "5",
    "Symbol(s)",
    null,
    { a: [1] },
    "(cannot be shown)",
  ]);
});

test("errorText() includes causes, and stacks only where they help", () => {
  const cause = new Error("disk full");
  assert.match(
    errorText(new Error("outer", { cause })),
    /^Error: outer\n +at [\s\S]*caused by: Error: disk full\n +at /,
  );
  const away = new StatusError("UNAVAILABLE", "Away.", { cause });
  assert.equal(errorText(away), "StatusError: Away.\ncaused by: Error: disk full");
});
