import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  create,
  createRegistry,
  type DescMessage,
  fromJson,
  type JsonValue,
  toJson,
} from "@bufbuild/protobuf";
import {
  AnySchema,
  anyPack,
  DurationSchema,
  TimestampSchema,
  timestampFromDate,
} from "@bufbuild/protobuf/wkt";
import { descriptorsOf } from "../../../test/support/descriptors.ts";
import { JsonError } from "../../core/value/json.ts";
import { parseJson } from "../../core/value/number-source.ts";
import { exactJson } from "./exact-json.ts";

const registry = descriptorsOf(`
  syntax = "proto3";
  package test.v1;
  import "google/protobuf/any.proto";
  import "google/protobuf/duration.proto";
  import "google/protobuf/field_mask.proto";
  import "google/protobuf/struct.proto";
  import "google/protobuf/timestamp.proto";
  import "google/protobuf/wrappers.proto";
  enum Size { SIZE_UNSPECIFIED = 0; SMALL = 1; }
  message Inner { string display_name = 1; int64 words = 2; google.protobuf.Timestamp at = 3; }
  message Outer {
    Inner inner = 1;
    repeated Inner list = 2;
    map<string, Inner> by_name = 3;
    map<int32, string> by_number = 4;
    oneof cover { Inner front = 5; string color = 6; }
    google.protobuf.Timestamp create_time = 7;
    google.protobuf.Duration life = 8;
    google.protobuf.FieldMask mask = 9;
    google.protobuf.Int64Value price = 10;
    google.protobuf.Struct labels = 11;
    google.protobuf.Value free = 12;
    google.protobuf.ListValue values = 13;
    google.protobuf.Any extra = 14;
    Size size = 15;
    bytes data = 16;
    double ratio = 17;
    optional uint64 count = 18;
    map<bool, bool> flags = 19;
  }`);
const types = createRegistry(registry, AnySchema, TimestampSchema, DurationSchema);

function named(name: string): DescMessage {
  return registry.getMessage(`test.v1.${name}`) ?? assert.fail();
}

const outer = named("Outer");
const inner = named("Inner");

/** The stored form of a value from code. */
function kept(value: unknown, from: "code" | "json" = "code"): JsonValue {
  const json = exactJson(outer, value, { types, from });
  return toJson(outer, fromJson(outer, json, { registry: types }), { registry: types });
}

const NOON = "2026-01-31T12:00:00Z";
const noon = new Date(NOON);

describe("exactJson() of a value from code", () => {
  const same: readonly (readonly [what: string, value: object, json: object])[] = [
    ["a Date", { createTime: noon }, { createTime: NOON }],
    ["text", { createTime: NOON, life: "3.5s" }, { createTime: NOON, life: "3.500s" }],
    ["seconds", { createTime: { seconds: 1769860800n, nanos: 0 } }, { createTime: NOON }],
    [
      "seconds as a number",
      { createTime: { seconds: 1769860800 }, life: { nanos: 5e8 } },
      { createTime: NOON, life: "0.500s" },
    ],
    ["a message", { createTime: timestampFromDate(noon) }, { createTime: NOON }],
    [
      "names of the proto",
      { create_time: noon, by_name: { a: { display_name: "b" } } },
      { createTime: NOON, byName: { a: { displayName: "b" } } },
    ],
    ["undefined and null", { createTime: undefined, inner: null, list: undefined, count: undefined }, {}],
    [
      "a oneof as create() takes it",
      { cover: { case: "front", value: { words: 5 } } },
      { front: { words: "5" } },
    ],
    ["a oneof as JSON has it", { front: { at: noon } }, { front: { at: NOON } }],
    ["a oneof of nothing", { cover: { case: undefined } }, {}],
    [
      "integers of all kinds",
      { inner: { words: 5n }, list: [{ words: "6" }, { words: 7 }], count: 0n },
      { inner: { words: "5" }, list: [{ words: "6" }, { words: "7" }], count: "0" },
    ],
    ["wrappers", { price: 5n }, { price: "5" }],
    [
      "wrappers as messages",
      { price: { $typeName: "google.protobuf.Int64Value", value: 5n } },
      { price: "5" },
    ],
    ["enums by name and number", { size: "SMALL" }, { size: "SMALL" }],
    ["bytes", { data: Buffer.from("a") }, { data: "YQ==" }],
    ["numbers that JSON has not", { ratio: Number.NEGATIVE_INFINITY }, { ratio: "-Infinity" }],
    [
      "free values",
      { labels: { a: [noon] }, free: [1], values: [{}] },
      { labels: { a: [noon.toISOString()] }, free: [1], values: [{}] },
    ],
    ["Values as create() takes them", { free: { kind: { case: "numberValue", value: 1 } } }, { free: 1 }],
    [
      "an Any as JSON",
      { extra: { "@type": "type.googleapis.com/test.v1.Inner", at: noon } },
      { extra: { "@type": "type.googleapis.com/test.v1.Inner", at: NOON } },
    ],
    [
      "an Any as a message",
      { extra: anyPack(inner, create(inner, { displayName: "a" })) },
      { extra: { "@type": "type.googleapis.com/test.v1.Inner", displayName: "a" } },
    ],
    ["a mask", { mask: { paths: ["display_name"] } }, { mask: "displayName" }],
    [
      "keys of maps",
      { byNumber: { 5: "a", "-1": "b" }, flags: { true: false } },
      { byNumber: { "-1": "b", "5": "a" }, flags: { true: false } },
    ],
  ];
  for (const [what, value, json] of same) it(`takes ${what}`, () => assert.deepEqual(kept(value), json));

  it("accepts a message that contains plain objects", () => {
    const message = create(outer, {
      inner: { displayName: "a" },
      createTime: timestampFromDate(noon),
    });
    const json = { inner: { displayName: "a" }, createTime: NOON };
    assert.deepEqual(kept(message), json);
    const mixed = { ...message, createTime: { seconds: 1n, nanos: 0 }, list: [{ at: new Date(1_000) }] };
    assert.deepEqual(kept(mixed), {
      ...json,
      createTime: "1970-01-01T00:00:01Z",
      list: [{ at: "1970-01-01T00:00:01Z" }],
    });
  });

  const wrong: readonly (readonly [value: unknown, message: RegExp])[] = [
    [
      { inner: { displayname: "a" } },
      /^inner\.displayname: test\.v1\.Inner has no field "displayname" \(did you mean "displayName"\?\)$/,
    ],
    [{ list: [{}, { at: "today" }] }, /^list\[1\]\.at: expected a time such as .*, got "today"$/],
    [{ byName: { "a b": { words: 1.5 } } }, /^byName\["a b"\]\.words: expected a whole number, got 1\.5$/],
    [{ createTime: new Date(Number.NaN) }, /^createTime: expected a time .*, got "an invalid Date"$/],
    [{ createTime: 5 }, /^createTime: expected a time .*, got 5$/],
    [
      { createTime: { second: 1n } },
      /^createTime: google\.protobuf\.Timestamp has no field "second" \(did you mean "seconds"\?\)$/,
    ],
    [{ createTime: { seconds: 1n, nanos: -1 } }, /^createTime: /],
    [{ createTime: { seconds: 10n ** 12n } }, /^createTime: /],
    [{ life: 5 }, /^life: expected a duration in seconds such as "3\.5s", got 5$/],
    [{ life: new Date(0) }, /^life: expected a google\.protobuf\.Duration, got a Date$/],
    [{ inner: new Date(0) }, /^inner: expected a test\.v1\.Inner, got a Date$/],
    [{ inner: create(outer) }, /^inner: expected a test\.v1\.Inner, got a test\.v1\.Outer$/],
    [{ cover: { case: "back", value: 1 } }, /^cover: expected a case of front, color, got "back"$/],
    [{ cover: "red" }, /^cover: expected \{ case, value \}, got "red"$/],
    [{ display_name: "a" }, /^display_name: test\.v1\.Outer has no field "display_name"/],
    [{ createTime: noon, create_time: noon }, /^create_time: it is set twice$/],
    [{ list: {} }, /^list: expected a list, got an object$/],
    [{ list: [undefined] }, /^list\[0\]: a list cannot hold undefined$/],
    [{ byName: new Map() }, /^byName: expected an object with the entries, got a Map$/],
    [{ byName: { a: null } }, /^byName\.a: a map cannot hold null$/],
    [{ byNumber: { "0x5": "a" } }, /^byNumber\.0x5: expected a whole number as the key$/],
    [{ size: "TINY" }, /^size: expected one of SIZE_UNSPECIFIED, SMALL, or its number, got "TINY"$/],
    [{ data: "not base64!" }, /^data: expected bytes in Base64/],
    [{ ratio: 1n }, /^ratio: expected a number, got 1$/],
    [{ labels: { a: [Number.NaN] } }, /^labels\.a\[0\]: JSON has no NaN$/],
    [{ free: new Map() }, /^free: JSON has no Map$/],
    [{ values: {} }, /^values: expected a list/],
    [{ extra: { "@type": "type.googleapis.com/test.v1.Inner", words: "0x1" } }, /^extra\.words: /],
    [{ inner: { displayName: "\uD800" } }, /^inner\.displayName: the text has half of a surrogate pair/],
    [{ inner: { displayName: "x".repeat(5_000_000) } }, /^must be 4194304 bytes at most, got more$/],
    [[], /^expected a test\.v1\.Outer, got a list$/],
    ["a", /^expected a test\.v1\.Outer, got string$/],
  ];
  for (const [value, message] of wrong) {
    it(`refuses: ${message.source}`, () => {
      assert.throws(
        () => kept(value),
        (error) => error instanceof JsonError && message.test(error.message),
      );
    });
  }
});

describe("exactJson() of JSON", () => {
  it("accepts large numbers as they were written", () => {
    const json = parseJson(
      '{"inner":{"words":9007199254740993},"price":-9007199254740993,"list":[{"words":1e3}]}',
    );
    assert.deepEqual(kept(json, "json"), {
      inner: { words: "9007199254740993" },
      price: "-9007199254740993",
      list: [{ words: "1000" }],
    });
    assert.throws(
      () => kept(parseJson('{"labels":{"a":9007199254740993}}'), "json"),
      /^JsonError: labels\.a|^TypeError: labels\.a/,
    );
  });

  it("refuses values that exist only in code", () => {
    for (const json of [
      { createTime: { seconds: 1 } },
      { life: { seconds: 1 } },
      { price: { value: 1 } },
      { mask: { paths: ["a"] } },
      { cover: { case: "color", value: "red" } },
    ])
      assert.throws(() => kept(json, "json"), JsonError, JSON.stringify(json));
  });

  it("keeps a key __proto__ as an ordinary key", () => {
    assert.deepEqual(
      Object.keys(
        exactJson(
          outer,
          { byName: JSON.parse('{"__proto__":{}}') as object },
          { types, from: "json" },
        ) as object,
      ),
      ["byName"],
    );
  });
});

function read(value: object): unknown {
  return exactJson(outer, value, { types, from: "json" });
}

describe("exactJson() of the keys of maps", () => {
  it("accepts both booleans and whole numbers, and nothing else", () => {
    const maps = { flags: { true: false, false: true }, byNumber: { "-1": "a", 0: "b", 2147483647: "c" } };
    assert.deepEqual(read(maps), maps);
    for (const key of ["True", "1", ""])
      assert.throws(() => read({ flags: { [key]: true } }), JsonError, key);
    for (const key of ["1.5", "01", "2147483648", "a"])
      assert.throws(() => read({ byNumber: { [key]: "a" } }), JsonError, key);
  });
});
