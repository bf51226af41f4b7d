import assert from "node:assert/strict";
import { test } from "node:test";
import { jsonObjectOf } from "./json-object.ts";

test("jsonObjectOf() reads an object, takes nothing for an empty one, and refuses the rest", () => {
  assert.deepEqual(jsonObjectOf(' {"a":[1]} '), { a: [1] });
  for (const text of ["", " ", "null", '""']) assert.deepEqual(jsonObjectOf(text), {});
  for (const text of ["[]", "5", '"a"', "{", `${'{"a":'.repeat(40)}1${"}".repeat(40)}`]) {
    assert.throws(() => jsonObjectOf(text), { reason: "BODY_INVALID" });
  }
  for (const key of ["__proto__", "\\u005f_proto__"]) {
    assert.deepEqual(Object.keys(jsonObjectOf(`{"${key}":{"a":1},"b":2}`)), ["b"]);
  }
});
