import assert from "node:assert/strict";
import { test } from "node:test";
import { LIMITS } from "../core/limits.ts";
import { jsonObjectOf } from "./json-object.ts";

test("jsonObjectOf() reads an object, treats a missing body as an empty one, and refuses the rest", () => {
  assert.deepEqual(jsonObjectOf(' {"a":[1]} '), { a: [1] });
  for (const text of ["", " ", "null", '""']) assert.deepEqual(jsonObjectOf(text), {});
  for (const text of ["[]", "5", '"a"', "{", `${'{"a":'.repeat(40)}1${"}".repeat(40)}`]) {
    assert.throws(() => jsonObjectOf(text), { reason: "BODY_INVALID" });
  }
  for (const key of ["__proto__", "\\u005f_proto__"]) {
    assert.deepEqual(Object.keys(jsonObjectOf(`{"${key}":{"a":1},"b":2}`)), ["b"]);
  }
});

/** The elements of a JSON array. */
const elements = (count: number): string => Array.from({ length: count }, () => "1").join(",");

test("jsonObjectOf() accepts a limited number of values", () => {
  const { jsonValuesMax } = LIMITS;
  // The object counts as a value as well.
  assert.equal((jsonObjectOf(`{"a":[${elements(jsonValuesMax - 1)}]}`)["a"] as unknown[]).length, 19_999);
  assert.throws(() => jsonObjectOf(`{"a":[${elements(jsonValuesMax)}]}`), {
    reason: "BODY_INVALID",
    message: "Invalid JSON payload received: expected at most 20000 values, got 20001.",
  });
});

test("jsonObjectOf() refuses numbers that are out of range, with their places", () => {
  for (const number of ["1e400", "-1E+999", `1${"0".repeat(400)}`]) {
    assert.throws(() => jsonObjectOf(`{"a":[{"b":${number}}]}`), {
      reason: "BODY_INVALID",
      message: `Invalid JSON payload received: a[0].b: the number ${number.slice(0, 100)} is too large.`,
    });
  }
  assert.deepEqual(jsonObjectOf('{"a":1e308,"b":"1e400","c":1e-400}'), { a: 1e308, b: "1e400", c: 0 });
});
