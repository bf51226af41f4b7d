import assert from "node:assert/strict";
import { test } from "node:test";
import { readLiteral } from "./literal.ts";
import type { Comparator } from "./syntax.ts";
import { hasKey, textInside, walk } from "./values.ts";

const value = JSON.parse(
  '{"a":{"b":[{"c":"xyz"},{"c":7,"d":[true]}]},"tags":["red","green"],"empty":{},"none":null,"list":[],"snake_case":1,"camelCase":2,"__proto__":{"deep":"yes"}}',
) as unknown;
const has = (path: string, comparator: Comparator, text: string): boolean =>
  walk(
    value,
    path === "" ? [] : path.split("."),
    comparator,
    readLiteral({ text, quoted: false, wildcardFirst: false, wildcardLast: false, position: 0 }, comparator),
  );

test("a path goes through messages, and through lists with : only", () => {
  assert.ok(has("a.b.c", ":", "y") && has("a.b.c", ":", "7") && has("a.b.d", ":", "true"));
  assert.ok(!has("a.b.c", "=", "7") && !has("a.b.c", "!=", "8") && !has("a.b.x", "!=", "8"));
});

test(": searches a list for an element, a message for a key, and both for anything", () => {
  assert.ok(
    has("tags", ":", "red") && !has("tags", ":", "re") && has("tags", ":", "*") && !has("list", ":", "*"),
  );
  assert.ok(has("a", ":", "b") && !has("a", ":", "c") && has("a", ":", "*") && !has("empty", ":", "*"));
  assert.ok(has("a.b", ":", "d") && has("", ":", "tags") && !has("none", ":", "*"));
  assert.ok(!has("tags", "=", "red") && !has("a", "!=", "b") && !has("none", "!=", "b"));
});

test("names match in either spelling, the written one first, and never on a prototype", () => {
  assert.ok(has("snakeCase", "=", "1") && has("camel_case", "=", "2"));
  assert.ok(
    !has("constructor", ":", "*") && !has("toString.name", ":", "*") && has("__proto__.deep", "=", "yes"),
  );
  assert.ok(
    hasKey(value, "tags") &&
      !hasKey(value, "none") &&
      !hasKey(value, "hasOwnProperty") &&
      !hasKey("x", "length"),
  );
});

test("text is searched in values, not in keys", () => {
  assert.ok(textInside(value, "yz") && !textInside(value, "tags") && !textInside(value, "7"));
});
