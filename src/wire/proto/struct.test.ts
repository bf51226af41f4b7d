import assert from "node:assert/strict";
import { test } from "node:test";
import { fromBinary, fromJson, type JsonObject, toBinary, toJson } from "@bufbuild/protobuf";
import { StructSchema } from "@bufbuild/protobuf/wkt";
import { writeStruct } from "./struct.ts";
import { written } from "./writer.ts";

function bytesOf(value: object): Uint8Array {
  return written((writer) => writeStruct(writer, value));
}

test("writeStruct() writes every kind of value, byte for byte as protobuf-es does", () => {
  const value: JsonObject = {
    null: null,
    zero: 0,
    minus: -1.5,
    "": "",
    text: "Zürich \u{1f600}",
    no: false,
    yes: true,
    object: { empty: {} },
    list: [1, [], [null], { a: [] }],
  };
  assert.deepEqual(toJson(StructSchema, fromBinary(StructSchema, bytesOf(value))), value);
  assert.deepEqual(bytesOf(value), toBinary(StructSchema, fromJson(StructSchema, value)));
});

test("writeStruct() keeps a key called __proto__ as a key", () => {
  const value = JSON.parse('{"__proto__":1}') as object;
  assert.ok(new TextDecoder().decode(bytesOf(value)).includes("__proto__"));
});
