import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { LIMITS } from "./limits.ts";
import { canonicalJson, EMPTY, encodeJson, encodePayload, jsonDepth, STRUCT } from "./payload.ts";

describe("encodePayload()", () => {
  it("encodes an object as a Struct and nothing as Empty", () => {
    assert.deepEqual(encodePayload("response", { a: 1 }), { type: STRUCT, json: '{"a":1}' });
    assert.deepEqual(encodePayload("response", undefined), EMPTY);
    assert.deepEqual(encodePayload("response", null), EMPTY);
  });

  for (const [value, what] of [
    [[1], "an array"],
    ["text", "string"],
    [7, "number"],
  ] as const) {
    it(`refuses ${what} with a sentence`, () => {
      assert.throws(
        () => encodePayload("response of m", value),
        new RegExp(`^TypeError: response of m: expected an object or nothing, got ${what}$`),
      );
    });
  }

  it("refuses what is too large or too deep", () => {
    assert.throws(
      () => encodePayload("response", { a: "x".repeat(LIMITS.payloadBytesMax) }),
      /bytes of JSON at most/,
    );
    const deep = JSON.parse(
      `{"a":${"[".repeat(LIMITS.jsonDepthMax)}${"]".repeat(LIMITS.jsonDepthMax)}}`,
    ) as object;
    assert.throws(() => encodePayload("response", deep), /levels at most/);
  });
});

describe("encodeJson()", () => {
  it("replaces lone surrogates, in keys too, since peers refuse text that is not UTF-8", () => {
    assert.equal(encodeJson({ "a\ud800": ["\udc00b", "😀"] }), '{"a\ufffd":["\ufffdb","😀"]}');
  });

  it("leaves text alone that only looks like one", () => {
    assert.equal(encodeJson({ a: "\\ud800" }), '{"a":"\\\\ud800"}');
  });
});

describe("jsonDepth()", () => {
  it("counts nesting and is not fooled by brackets in strings", () => {
    assert.equal(jsonDepth("1"), 0);
    assert.equal(jsonDepth('{"a":[1,{"b":2}]}'), 3);
    assert.equal(jsonDepth('{"a":"[[[\\"[[["}'), 1);
  });

  it("does not recurse, however deep the text", () => {
    assert.equal(jsonDepth("[".repeat(1_000_000)), 1_000_000);
  });
});

describe("canonicalJson()", () => {
  it("writes equal values equally, whatever the order of their keys", () => {
    assert.equal(canonicalJson({ b: [{ d: 1, c: undefined }], a: null }), '{"a":null,"b":[{"d":1}]}');
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const turned = Object.fromEntries(Object.entries(value).toReversed());
        assert.equal(canonicalJson(value), canonicalJson(turned));
        assert.deepEqual(JSON.parse(canonicalJson(value)), JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});
