import assert from "node:assert/strict";
import { test } from "node:test";
import { comparatorOf, describe, tokensOf } from "./lexer.ts";

const valuesOf = (filter: string) =>
  tokensOf(filter).map(({ kind, value }) => (kind === "end" ? kind : value));

test("separates texts, strings, comparators and marks, with or without white space", () => {
  assert.deepEqual(valuesOf("a.b>=1"), ["a", ".", "b", ">=", "1", "end"]);
  assert.deepEqual(valuesOf(" a\t!=\n'b c' "), ["a", "!=", "b c", "end"]);
  assert.deepEqual(valuesOf("f(x,y):-3"), ["f", "(", "x", ",", "y", ")", ":", "-3", "end"]);
  assert.deepEqual(valuesOf("a!b"), ["a!b", "end"]);
  assert.deepEqual(valuesOf(""), ["end"]);
});

test("takes an unquoted timestamp as one token, with colons and dots", () => {
  for (const time of ["2026-01-31T12:00:00Z", "2026-01-31t12:00:00.5+01:00"]) {
    assert.deepEqual(valuesOf(`a<${time})`), ["a", "<", time, ")", "end"]);
  }
  assert.deepEqual(valuesOf("10:20"), ["10", ":", "20", "end"]);
});

test("resolves escapes, and distinguishes wildcards from escaped stars", () => {
  const [token] = tokensOf(String.raw`"*a\"\\\n\*"`);
  assert.equal(token?.value, '*a"\\\n*');
  assert.deepEqual([token?.wildcardFirst, token?.wildcardLast], [true, false]);
  assert.deepEqual(
    tokensOf("*a b* ''").map((each) => [each.wildcardFirst, each.wildcardLast]),
    [
      [true, false],
      [false, true],
      [false, false],
      [false, false],
    ],
  );
});

test("refuses an unterminated string and unknown escapes", () => {
  assert.throws(() => tokensOf('a="b'), {
    message: /at character 5: expected " to end the string, found the end/,
  });
  assert.throws(() => tokensOf(String.raw`"\q"`), {
    message: /at character 2: expected an escape: .* found "\\\\q"/,
  });
  assert.throws(() => tokensOf('"\\'), { reason: "FILTER_INVALID" });
});

test("gives the positions and kinds of tokens", () => {
  const filter = " a<=";
  const [text, comparator, end] = tokensOf(filter);
  assert.ok(text && comparator && end);
  assert.deepEqual([text.position, text.end, text.spaced, comparator.spaced], [1, 2, true, false]);
  assert.equal(comparatorOf(comparator), "<=");
  assert.equal(comparatorOf(text), undefined);
  assert.deepEqual([describe(text, filter), describe(end, filter)], ['"a"', "the end"]);
});
