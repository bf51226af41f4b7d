import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { escapeJson } from "./escape-json.ts";

suite("escapeJson()", () => {
  test("escapes angle brackets, line separators and upper controls (contract 3.2)", () => {
    assert.equal(
      escapeJson('"<a>\u2028\u2029\u007f\u0085é€"'),
      '"\\u003ca\\u003e\\u2028\\u2029\\u007f\\u0085é€"',
    );
  });

  test("escapes every one of them, call after call", () => {
    for (let call = 0; call < 3; call++) assert.equal(escapeJson("<<"), "\\u003c\\u003c");
  });
});
