import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  compareBoolean,
  compareNumber,
  compareText,
  compareTime,
  isElement,
  orderOfTexts,
} from "./compare.ts";
import { readLiteral } from "./literal.ts";
import type { Comparator } from "./syntax.ts";

const literal = (text: string, comparator: Comparator = "=", quoted = false) =>
  readLiteral(
    { text, quoted, wildcardFirst: text.startsWith("*"), wildcardLast: text.endsWith("*"), position: 0 },
    comparator,
  );
const text = (value: string, comparator: Comparator, against: string, quoted = false) =>
  compareText(value, comparator, literal(against, comparator, quoted));

test("texts are equal, ordered, or parts of one another", () => {
  assert.ok(text("a", "=", "a") && text("a", "!=", "b") && text("a", "<", "b") && text("b", ">=", "a"));
  assert.ok(text("abc", ":", "b") && !text("abc", ":", "B") && text("a", ":", "*") && !text("", ":", "*"));
});

test("a wildcard at an end leaves that end open", () => {
  assert.ok(
    text("abc", "=", "ab*") && text("abc", "=", "*bc") && text("abc", "=", "*b*") && text("", "=", "*"),
  );
  assert.ok(!text("abc", "=", "b*") && text("abc", "!=", "b*") && !text("abc", "!=", "*"));
});

test("texts that are times, durations or numbers are compared as such with literals of these types", () => {
  assert.ok(text("2026-01-01T01:00:00+01:00", "=", "2026-01-01T00:00:00Z", true));
  assert.ok(text("2026-01-01T00:00:00.5Z", ">", "2026-01-01T00:00:00Z"));
  assert.ok(text("100s", ">", "20s") && text("20.0s", "=", "20s"));
  assert.ok(text("100", ">", "20") && !text("100", ">", "20", true));
  assert.ok(!text("soon", ">", "2026-01-01T00:00:00Z") && text("soon", "!=", "2026-01-01T00:00:00Z"));
});

test("numbers, instants and booleans", () => {
  assert.ok(compareNumber(1_000, "=", literal("1e3")) && compareNumber(-1, "<", literal("-0.5")));
  assert.ok(!compareNumber(1, "<", literal("x")) && compareNumber(1, "!=", literal("x")));
  assert.ok(compareNumber(0, ":", literal("*", ":")) && compareTime(0, ":", literal("*", ":")));
  assert.ok(compareTime(0, "<", literal("1970-01-01T00:00:00.0001Z")) && !compareTime(0, "<", literal("5")));
  assert.ok(compareBoolean(true, "=", literal("true")) && compareBoolean(true, "!=", literal("false")));
  assert.ok(!compareBoolean(true, ">", literal("false")) && compareBoolean(false, ":", literal("*", ":")));
});

test("an element of a list must equal the whole literal", () => {
  assert.ok(isElement("ab", literal("ab", ":")) && !isElement("ab", literal("a", ":")));
  assert.ok(isElement(5, literal("5", ":")) && isElement(true, literal("true", ":")));
  assert.ok(isElement("a", literal("*", ":")) && !isElement("", literal("*", ":")));
});

test("texts are ordered by their code points, which is the order of their bytes", () => {
  const any = fc.string({ unit: fc.constantFrom("a", "\u{e000}", "\u{ffff}", "😀", "\u{10ffff}", "é") });
  fc.assert(
    fc.property(any, any, (a, b) => {
      assert.equal(Math.sign(orderOfTexts(a, b)), Buffer.compare(Buffer.from(a), Buffer.from(b)));
    }),
  );
});
