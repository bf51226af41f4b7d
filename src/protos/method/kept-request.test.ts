import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { create, type JsonValue, toBinary, toJson } from "@bufbuild/protobuf";
import { descriptorsOf } from "../../../test/support/descriptors.ts";
import { JsonError } from "../../core/value/json.ts";
import { STANDARD_TYPES } from "../../wire/proto/registry.ts";
import { keptRequest, requestFromKept } from "./kept-request.ts";

const registry = descriptorsOf(`
  syntax = "proto3";
  package test.v1;
  import "google/protobuf/any.proto";
  import "google/protobuf/duration.proto";
  import "google/protobuf/field_mask.proto";
  import "google/protobuf/struct.proto";
  import "google/protobuf/timestamp.proto";
  message Book { string title = 1; map<string, string> labels = 2; }
  message UpdateBookRequest {
    Book book = 1;
    google.protobuf.FieldMask update_mask = 2;
    google.protobuf.FieldMask read_mask = 3;
    google.protobuf.Any any = 4;
    double number = 5;
    google.protobuf.Timestamp time = 6;
    repeated google.protobuf.Duration waits = 7;
    map<string, google.protobuf.Value> values = 8;
  }`);

const found = registry.getMessage("test.v1.UpdateBookRequest");
assert.ok(found !== undefined);
const desc = found;

const message = (init: Record<string, unknown>) => create(desc, init);
const kept = (init: Record<string, unknown>): JsonValue => keptRequest(desc, message(init), STANDARD_TYPES);

suite("a request is stored as", () => {
  const cases: readonly (readonly [what: string, init: Record<string, unknown>, form: "JSON" | "bytes"])[] = [
    ["plain fields", { book: { title: "a", labels: { Env: "b" } }, number: 1.5 }, "JSON"],
    ["a mask of fields", { updateMask: { paths: ["title", "labels.env"] } }, "JSON"],
    ["a mask with a key that has a capital", { updateMask: { paths: ["labels.Env"] } }, "bytes"],
    ["a mask with a key that has an underscore", { updateMask: { paths: ["labels.env_x"] } }, "bytes"],
    ["a mask that proto-JSON would spell in another way", { readMask: { paths: ["someName"] } }, "bytes"],
    ["an Any of an unknown type", { any: anyOf("nobody.Knows") }, "bytes"],
    ["an Any whose bytes are not its type's", { any: anyOf("google.protobuf.Duration") }, "bytes"],
    ["numbers that are none beside such an Any", { number: Number.NaN, any: anyOf("a.B") }, "bytes"],
    ["numbers that are none", { number: Number.NaN }, "JSON"],
    ["infinite numbers", { number: Number.NEGATIVE_INFINITY }, "JSON"],
  ];
  for (const [what, init, form] of cases) {
    test(`${form}: ${what}`, () => {
      const json = kept(init);
      if (form === "JSON") assert.deepEqual(json, toJson(desc, message(init), { registry: STANDARD_TYPES }));
      else assert.deepEqual(Object.keys(json as object), ["@bytes"]);
      const back = requestFromKept(desc, JSON.parse(JSON.stringify(json)) as JsonValue, STANDARD_TYPES);
      assert.deepEqual(toBinary(desc, back), toBinary(desc, message(init)));
    });
  }
});

suite("a request is refused with", () => {
  const cases: readonly (readonly [init: Record<string, unknown>, path: string, rule: RegExp])[] = [
    [{ time: { seconds: 253_402_300_800n } }, "time", /expected a timestamp from 0001-01-01T00:00:00Z/],
    [{ time: { seconds: 0n, nanos: -1 } }, "time", /got 0 s and -1 ns/],
    [{ waits: [{ seconds: 1n }, { seconds: 1n, nanos: -1 }] }, "waits[1]", /of one sign/],
    [{ waits: [{ seconds: -315_576_000_001n }] }, "waits[0]", /10000 years at most/],
    [
      { values: { a: { kind: { case: "numberValue", value: Number.NaN } } } },
      "values.a",
      /expected a number that JSON has, got NaN/,
    ],
    [{ values: { a: {} } }, "values.a", /of some kind/],
    [{ any: anyOf("nobody.Knows"), time: { seconds: -62_135_596_801n } }, "time", /expected a timestamp/],
  ];
  for (const [init, path, rule] of cases) {
    test(`${path}: ${rule.source}`, () => {
      assert.throws(
        () => kept(init),
        (error: unknown) => error instanceof JsonError && error.path === path && rule.test(error.rule),
      );
    });
  }

  test("a mask with too many paths", () => {
    const paths = Array<string>(1_001).fill("title");
    assert.throws(() => kept({ updateMask: { paths } }), /expected at most 1000 paths, got 1001/);
  });

  test("a value that is not such a message", () => {
    assert.throws(() => kept({ book: { title: 5 } }), /title/);
    for (const json of [{ "@bytes": "!" }, { "@bytes": "CgU" }] as const)
      assert.throws(
        () => requestFromKept(desc, json, STANDARD_TYPES),
        /expected the bytes of a test\.v1\.Upd/,
      );
    assert.throws(() => requestFromKept(desc, { "@bytes": "", book: {} }, STANDARD_TYPES), /@bytes/);
  });
});

function anyOf(type: string): Record<string, unknown> {
  return {
    $typeName: "google.protobuf.Any",
    typeUrl: `type.googleapis.com/${type}`,
    value: new Uint8Array([10, 5]),
  };
}
