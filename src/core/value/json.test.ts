import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { canonicalJson, JsonError, pathText, writeJson } from "./json.ts";
import { LIMITS } from "../limits.ts";

class Point {
  readonly x = 1;
}

class Money {
  readonly #cents = 5n;

  toJSON(key: string): unknown {
    return { at: key, cents: String(this.#cents) };
  }
}

function nested(levels: number): unknown {
  return levels === 0 ? 1 : [nested(levels - 1)];
}

describe("writeJson()", () => {
  it("writes the same as JSON.stringify, whatever the value", () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
        assert.equal(writeJson(value), JSON.stringify(value));
      }),
    );
  });

  it("calls toJSON() with the key, and unwraps wrapper objects", () => {
    const value = {
      date: new Date(0),
      url: new URL("https://a.example/b?c"),
      bytes: Buffer.from("a"),
      money: [new Money(), { price: new Money() }],
      wrapped: [Object("a"), Object(5), Object(true)] as unknown[],
      gone: { toJSON: () => undefined },
      itself: { toJSON: () => ({ toJSON: "no function" }) },
    };
    assert.equal(writeJson(value), JSON.stringify(value));
    const made = new Proxy(() => {}, { get: (_, name) => (name === "toJSON" ? () => "made" : undefined) });
    assert.equal(writeJson([made]), '["made"]');
  });

  it("leaves out undefined members, as JSON does", () => {
    assert.equal(writeJson({ a: undefined, b: 1, c: undefined, d: undefined }), '{"b":1}');
    assert.equal(writeJson({ a: undefined }), "{}");
  });

  it("accepts objects without a prototype, and from another realm", () => {
    assert.equal(writeJson(Object.assign(Object.create(null), { a: 1 })), '{"a":1}');
  });

  const table: readonly (readonly [value: unknown, message: RegExp])[] = [
    [{ a: [0, Number.NaN] }, /^a\[1\]: JSON has no NaN$/],
    [{ a: -Infinity }, /^a: JSON has no -Infinity$/],
    [{ a: { b: new Map([[1, 2]]) } }, /^a\.b: JSON has no Map$/],
    [[new Set([1])], /^\[0\]: JSON has no Set$/],
    [{ a: () => 1 }, /^a: JSON has no function$/],
    [{ a: Symbol("s") }, /^a: JSON has no symbol$/],
    [{ a: 5n }, /^a: JSON has no BigInt$/],
    [{ [Symbol("s")]: 1 }, /^JSON has no members named by symbols, such as Symbol\(s\)$/],
    [[undefined], /^\[0\]: a list cannot hold undefined$/],
    [Object.assign([], { 0: 1, 2: 1 }), /^\[1\]: a list cannot hold undefined$/],
    [[{ toJSON: () => undefined }], /^\[0\]: a list cannot hold undefined$/],
    [{ a: new Point() }, /^a: JSON has no instance of Point$/],
    [{ a: Object(Number.NaN) as unknown }, /^a: JSON has no NaN$/],
    [{ a: new Uint8Array(2) }, /^a: JSON has no Uint8Array$/],
    [{ a: new Error("e") }, /^a: JSON has no Error$/],
    [{ a: /b/ }, /^a: JSON has no RegExp$/],
    [{ a: Promise.resolve(1) }, /^a: JSON has no Promise$/],
    [{ a: new Date(Number.NaN) }, /^a: the date is invalid$/],
    [{ a: "b\uD800" }, /^a: the text has half of a surrogate pair/],
    [{ "\uDC00": 1 }, /^\["\\udc00"\]: the text has half of a surrogate pair/],
    [{ a: { toJSON: () => Number.NaN } }, /^a: JSON has no NaN$/],
    [{ a: { toJSON: () => assert.fail("broken") } }, /^a: its toJSON\(\) failed: broken$/],
    [undefined, /^expected a value that JSON can hold, got undefined$/],
  ];
  for (const [value, message] of table) {
    it(`refuses a value: ${message.source}`, () => {
      assert.throws(
        () => writeJson(value),
        (error) => error instanceof JsonError && message.test(error.message),
      );
    });
  }

  it("refuses a value that contains itself, and one that is nested too deeply", () => {
    const value: { a: unknown[] } = { a: [] };
    value.a.push({ b: value });
    assert.throws(
      () => writeJson(value),
      /^JsonError: a\[0\]\.b: it contains itself|^TypeError: a\[0\]\.b: it contains itself/,
    );
    assert.equal(writeJson(nested(LIMITS.jsonDepthMax)), JSON.stringify(nested(LIMITS.jsonDepthMax)));
    assert.throws(() => writeJson(nested(LIMITS.jsonDepthMax + 1)), /must be nested 32 levels at most/);
    const twice = {};
    assert.equal(writeJson([twice, twice]), "[{},{}]");
  });

  it("stops at the limit, and reads nothing beyond it", () => {
    let looked = 0;
    const member = {
      get a() {
        return (looked += 1);
      },
    };
    const many = Array.from({ length: 1_000 }, () => member);
    assert.throws(() => writeJson(many, { bytesMax: 100 }), /must be 100 bytes of JSON at most, got more/);
    assert.ok(looked < 20, `${looked} members were looked at`);
    const text = "x".repeat(98);
    assert.equal(writeJson(text, { bytesMax: 100 }).length, 100);
    assert.throws(() => writeJson(`${text}x`, { bytesMax: 100 }), JsonError);
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

  it("distinguishes dates", () => {
    assert.notEqual(canonicalJson({ at: new Date(0) }), canonicalJson({ at: new Date(1) }));
  });
});

describe("pathText()", () => {
  it("quotes names with special characters", () => {
    assert.equal(pathText(["a", 0, "b c", "d"]), 'a[0]["b c"].d');
    assert.equal(pathText([]), "");
  });
});
