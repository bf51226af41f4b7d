import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { LIMITS } from "../limits.ts";
import { checkPayload, EMPTY, encodeJson, encodePayload, jsonDepth, jsonExtent, STRUCT } from "./payload.ts";

describe("encodePayload()", () => {
  it("encodes an object as a Struct and a missing value as Empty", () => {
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

  it("refuses values that JSON would lose, with their places, and an object that is not an object in JSON", () => {
    assert.throws(
      () => encodePayload("response of m", { files: [{ size: Number.NaN }] }),
      /^TypeError: response of m: files\[0\]\.size: JSON has no NaN$/,
    );
    assert.throws(() => encodePayload("response", new Date(0)), /got one whose JSON is "1970/);
    assert.throws(() => encodePayload("response", new Map()), /response: JSON has no Map/);
  });

  it("refuses values that are too large or too deep", () => {
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

function ofDepth(depth: number): string {
  return `${"[".repeat(depth)}${"]".repeat(depth)}`;
}

describe("checkPayload()", () => {
  it("accepts exactly the maximum depth or size, and nothing beyond", () => {
    const { jsonDepthMax, payloadBytesMax } = LIMITS;
    const texts = [
      [ofDepth(jsonDepthMax), ofDepth(jsonDepthMax + 1), /32 levels at most/],
      [
        `"${"ä".repeat(payloadBytesMax / 2 - 1)}"`,
        `"${"ä".repeat(payloadBytesMax / 2 - 1)}x"`,
        /bytes of JSON/,
      ],
    ] as const;
    for (const [most, more, message] of texts) {
      const payload = { type: STRUCT, json: most };
      assert.equal(checkPayload("response", payload), payload);
      assert.throws(() => checkPayload("response", { type: STRUCT, json: more }), message);
    }
  });
});

describe("encodeJson()", () => {
  it("replaces lone surrogates, in keys too, because peers refuse text that is not UTF-8", () => {
    assert.equal(encodeJson({ "a\ud800": ["\udc00b", "😀"] }), '{"a\ufffd":["\ufffdb","😀"]}');
  });

  it("leaves text alone that only resembles one", () => {
    assert.equal(encodeJson({ a: "\\ud800" }), '{"a":"\\\\ud800"}');
  });
});

describe("jsonExtent()", () => {
  it("counts members and elements of all levels, and ignores punctuation in strings", () => {
    assert.equal(jsonExtent("1").values, 0);
    assert.equal(jsonExtent('{"a":1,"b":[2,3,{"c":4}]}').values, 6);
    assert.equal(jsonExtent('{"a":"[,{,\\",,"}').values, 1);
    assert.equal(jsonExtent("[[],[],[]]").values, 6);
  });
});

describe("jsonDepth()", () => {
  it("counts nesting and ignores brackets in strings", () => {
    assert.equal(jsonDepth("1"), 0);
    assert.equal(jsonDepth('{"a":[1,{"b":2}]}'), 3);
    assert.equal(jsonDepth('{"a":"[[[\\"[[["}'), 1);
  });

  it("does not recurse, however deep the text", () => {
    assert.equal(jsonDepth("[".repeat(1_000_000)), 1_000_000);
  });
});
