import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { LIMITS } from "../../core/limits.ts";
import { type Mask, parseMask } from "./mask.ts";

/** The mask as an object; `{}` for a whole field. */
function plain(mask: Mask): object {
  return Object.fromEntries([...mask].map(([name, inside]) => [name, plain(inside)]));
}

suite("parseMask()", () => {
  const cases: [text: string, expected: object][] = [
    ["a", { a: {} }],
    [" a , b ", { a: {}, b: {} }],
    ["a/b.c", { a: { b: { c: {} } } }],
    ["a(b,c/d)", { a: { b: {}, c: { d: {} } } }],
    ["a/b,a/c,a(d)", { a: { b: {}, c: {}, d: {} } }],
    ["a/b,a", { a: {} }],
    ["a,a/b,a(c)", { a: {} }],
    ["a/b,a/b/c,a/b/d", { a: { b: {} } }],
    ["a(*,b/c)", { a: { "*": {}, b: { c: {} } } }],
  ];
  for (const [text, expected] of cases) {
    test(`reads ${text}`, () => assert.deepEqual(plain(parseMask(text)), expected));
  }

  const malformed = [",", "a,", "(", "a(", "a(b", "a)", "a//b", "a(b)c", "a b"];
  for (const text of [...malformed, "a(".repeat(10_000), "a/".repeat(10_000)]) {
    test(`refuses ${text.slice(0, 10)}`, () => assert.throws(() => parseMask(text), /Invalid field mask "/));
  }

  test("accepts a limited number of names", () => {
    const { fieldMaskNamesMax } = LIMITS;
    const names = Array.from({ length: fieldMaskNamesMax - 1 }, (_, index) => `a/${index}`);
    const most = [`a(${names.map((each) => each.slice(2)).join(",")})`];
    assert.equal(parseMask(most.join(",")).get("a")?.size, fieldMaskNamesMax - 1);
    assert.throws(() => parseMask([...most, "a"].join(",")), /expected at most 1000 names/);
    assert.throws(() => parseMask(names.join(",")), /expected at most 1000 names/);
  });

  test("accepts a text up to a maximum length", () => {
    const { fieldMaskLengthMax } = LIMITS;
    assert.equal(parseMask("a".repeat(fieldMaskLengthMax)).size, 1);
    assert.throws(
      () => parseMask("a".repeat(fieldMaskLengthMax + 1)),
      /expected at most 32768 characters, got 32769/,
    );
  });
});
