import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { isExact, isOverflow, lostNumber, parseJson, sourceOf } from "./number-source.ts";

describe("parseJson()", () => {
  it("returns the same as JSON.parse", () => {
    fc.assert(fc.property(fc.json(), (text) => assert.deepEqual(parseJson(text), JSON.parse(text))));
    const text = '{"a":[1e400,{"b":12345678901234567890}],"c":"1e400 12345678901234567890"}';
    assert.deepEqual(parseJson(text), JSON.parse(text));
    assert.throws(() => parseJson("{"), SyntaxError);
  });

  it("leaves out members of given names, at any depth", () => {
    assert.deepEqual(
      parseJson('{"x":1,"a":{"x":2,"b":[{"x":3}]}}', (name) => name === "x"),
      { a: { b: [{}] } },
    );
  });

  it("remembers how large numbers were written", () => {
    const value = parseJson('{"a":[9007199254740993,1],"b":5}') as { readonly a: object };
    assert.equal(sourceOf(value.a, 0), "9007199254740993");
    assert.deepEqual([sourceOf(value.a, 1), sourceOf(value, "b")], [undefined, undefined]);
  });
});

describe("lostNumber()", () => {
  it("returns the place of the first number that lost digits", () => {
    const value = parseJson('{"a":[{"b":1e21},{"c":9007199254740993}]}');
    assert.deepEqual(lostNumber(value), { path: ["a", 1, "c"], source: "9007199254740993" });
    assert.deepEqual(lostNumber(parseJson("[1e400]"), [], isOverflow), { path: [0], source: "1e400" });
    assert.equal(lostNumber(value, [], isOverflow), undefined);
    assert.equal(lostNumber({ a: 9007199254740992 }), undefined);
  });
});

describe("isExact()", () => {
  it("accepts what a program with 64-bit integers writes for them", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (number) =>
        assert.ok(isExact(String(number))),
      ),
    );
    for (const source of [
      "9007199254740992",
      "1152921504606847000",
      "1152921504606846976",
      "0.1234567890123456789",
    ])
      assert.ok(isExact(source), source);
    for (const source of ["9007199254740993", "-12345678901234567891", "1e400", "-1E+999"])
      assert.ok(!isExact(source), source);
  });
});
