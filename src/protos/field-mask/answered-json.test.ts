import assert from "node:assert/strict";
import { test } from "node:test";
import { create, fromJson, type JsonValue } from "@bufbuild/protobuf";
import { FieldMaskSchema } from "@bufbuild/protobuf/wkt";
import { descriptorsOf } from "../../../test/support/descriptors.ts";
import { STANDARD_TYPES } from "../../wire/proto/registry.ts";
import { answeredJson } from "./answered-json.ts";
import { messageFromJson } from "./message-json.ts";

const registry = descriptorsOf(`
  syntax = "proto3";
  package test.v1;
  import "google/protobuf/duration.proto";
  import "google/protobuf/field_mask.proto";
  message Held {
    google.protobuf.FieldMask mask = 1;
    repeated google.protobuf.FieldMask masks = 2;
    map<int32, Held> by_number = 3;
    map<string, Held> by_name = 6;
    map<string, google.protobuf.FieldMask> named = 7;
    google.protobuf.Duration took = 4;
    string text = 5;
  }`);
const held = registry.getMessage("test.v1.Held") ?? assert.fail();
const options = { types: STANDARD_TYPES, enumsAsNumbers: false };

test("a path without a proto-JSON form is spelled as in the proto, wherever its mask is", () => {
  const json = {
    mask: "displayName,A,labels.Env",
    masks: ["a", "a_B,_", ""],
    byNumber: { "7": { mask: "a__b", text: "t" }, "8": { mask: "plain" } },
    took: "3s",
  };
  const message = messageFromJson(held, json, STANDARD_TYPES);
  const before = structuredClone(message);
  const answered = answeredJson(held, message, options);
  assert.deepEqual(answered, json);
  assert.deepEqual(structuredClone(message), before, "the message is as it was");
  assert.deepEqual(messageFromJson(held, answered, STANDARD_TYPES), message, "it is read back as the same");
});

test("map keys with the names of object members do no harm", () => {
  const json: JsonValue = JSON.parse(
    '{"byName": {"__proto__": {"mask": "A"}, "constructor": {"mask": "B"}}, "named": {"__proto__": "C", "toString": "D"}}',
  );
  answeredJson(held, messageFromJson(held, json, STANDARD_TYPES), options);
  const plain: object = {};
  assert.deepEqual(
    ["mask" in plain, typeof plain.toString, typeof Object.prototype],
    [false, "function", "object"],
  );
});

test("a mask by itself is a text", () => {
  assert.equal(
    answeredJson(FieldMaskSchema, create(FieldMaskSchema, { paths: ["a_b", "C"] }), options),
    "aB,C",
  );
});

test("a message that has no JSON for another reason has none", () => {
  const message = fromJson(held, { took: "1s" });
  (message as unknown as { took: { seconds: bigint } }).took.seconds = 10n ** 15n;
  assert.throws(() => answeredJson(held, message, options), /Duration/);
});
