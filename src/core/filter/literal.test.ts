import assert from "node:assert/strict";
import { test } from "node:test";
import { readBoolean, readDuration, readLiteral, readNumber, readTime } from "./literal.ts";

test("numbers have signs, decimals and exponents, and are finite", () => {
  const numbers = ["1", "-30", "+2", "2.50", ".5", "1e3", "1.5E-2"].map(readNumber);
  assert.deepEqual(numbers, [1, -30, 2, 2.5, 0.5, 1_000, 0.015]);
  for (const text of ["", "-", ".", "1e", "0x10", "1e999", "Infinity", "1 2", "1_0"])
    assert.equal(readNumber(text), undefined);
});

test("timestamps are RFC 3339, with an offset, to the nanosecond", () => {
  assert.equal(readTime("2026-01-31T12:00:00Z"), Date.UTC(2026, 0, 31, 12));
  assert.equal(readTime("2026-01-31t12:00:00.5+02:00"), Date.UTC(2026, 0, 31, 10, 0, 0, 500));
  assert.equal(readTime("2026-01-31 12:00:00z"), Date.UTC(2026, 0, 31, 12));
  assert.equal(readTime("1970-01-01T00:00:00.0005Z"), 0.5);
  const wrong = [
    "2026-01-31",
    "2026-01-31T12:00:00",
    "2026-02-30T00:00:00Z",
    "2026-13-01T00:00:00Z",
    "1",
    "now",
  ];
  for (const text of wrong) assert.equal(readTime(text), undefined, text);
});

test("durations are proto-JSON's", () => {
  assert.deepEqual(["20s", "1.2s", "-0.5s"].map(readDuration), [20_000, 1_200, -500]);
  for (const text of ["20", "1m", "s", "1 s"]) assert.equal(readDuration(text), undefined, text);
});

test("booleans are true and false", () => {
  assert.deepEqual(["true", "false", "True", "1"].map(readBoolean), [true, false, undefined, undefined]);
});

test("a quoted literal is neither number nor boolean nor presence", () => {
  const literal = { quoted: true, wildcardFirst: false, wildcardLast: false, position: 0 };
  assert.equal(readLiteral({ ...literal, text: "5" }, "=").number, undefined);
  assert.equal(readLiteral({ ...literal, text: "true" }, "=").boolean, undefined);
  assert.equal(readLiteral({ ...literal, text: "*" }, ":").presence, false);
  assert.equal(readLiteral({ ...literal, quoted: false, text: "*" }, ":").presence, true);
});

test("wildcards have a meaning with = and != only, and at the ends only", () => {
  const literal = { quoted: false, text: "*a*b*", wildcardFirst: true, wildcardLast: true, position: 0 };
  assert.deepEqual(readLiteral(literal, "=").pattern, { text: "a*b", openFirst: true, openLast: true });
  assert.equal(readLiteral(literal, "<").pattern, undefined);
  assert.deepEqual(readLiteral({ ...literal, text: "*" }, "!=").pattern?.text, "");
});
