import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { create, type DescMessage, fromJson, toBinary } from "@bufbuild/protobuf";
import {
  DurationSchema,
  FieldMaskSchema,
  FileDescriptorSetSchema,
  ListValueSchema,
  SourceCodeInfo_LocationSchema,
  StructSchema,
} from "@bufbuild/protobuf/wkt";
import { messageExtent } from "./extent.ts";
import { messageOf } from "./requests.ts";

const MAX = 1_000;
const emptyPaths = (count: number): Buffer => Buffer.alloc(2 * count, Buffer.of(0x0a, 0));
const struct = (value: Record<string, unknown>): Uint8Array =>
  toBinary(StructSchema, fromJson(StructSchema, JSON.parse(JSON.stringify(value))));

describe("messageExtent()", () => {
  const cases: [sentence: string, desc: DescMessage, bytes: Uint8Array, extent: number][] = [
    ["nothing", DurationSchema, Buffer.of(), 0],
    [
      "fields",
      DurationSchema,
      toBinary(DurationSchema, create(DurationSchema, { seconds: 1n, nanos: 1 })),
      2,
    ],
    ["fields that are unknown", DurationSchema, Buffer.of(0x78, 1, 0x7a, 2, 0x61, 0x61), 2],
    ["texts", FieldMaskSchema, toBinary(FieldMaskSchema, create(FieldMaskSchema, { paths: ["a", "bc"] })), 2],
    [
      "elements of packed lists",
      SourceCodeInfo_LocationSchema,
      toBinary(SourceCodeInfo_LocationSchema, create(SourceCodeInfo_LocationSchema, { path: [1, 300, 3] })),
      4,
    ],
    // An entry has a key and a value, and the value has a kind.
    ["entries of maps", StructSchema, struct({ a: 1, b: "x" }), 8],
    ["values of lists", StructSchema, struct({ a: [1, 2] }), 4 + 4],
    [
      "messages in messages",
      FileDescriptorSetSchema,
      toBinary(
        FileDescriptorSetSchema,
        create(FileDescriptorSetSchema, { file: [{ messageType: [{ name: "a" }] }] }),
      ),
      3,
    ],
  ];
  for (const [sentence, desc, bytes, extent] of cases) {
    it(`counts ${sentence}`, () => assert.equal(messageExtent(desc, bytes, MAX), extent));
  }

  it("stops above the maximum", () => {
    assert.equal(messageExtent(DurationSchema, Buffer.alloc(1_000_000, Buffer.of(0x08, 1)), MAX), MAX + 1);
  });

  it("ignores invalid messages, and messages that are too deep", () => {
    let deep: Buffer = Buffer.alloc(0);
    // A list of lists: 32 is Value.list_value, 0a ListValue.values.
    for (let level = 0; level < 2_000; level++) {
      const length = deep.length;
      deep = Buffer.concat([
        Buffer.of(level % 2 === 0 ? 0x32 : 0x0a, (length & 0x7f) | 0x80, length >> 7),
        deep,
      ]);
    }
    assert.equal(messageExtent(ListValueSchema, deep, 10_000), 101);
    for (const bytes of [Buffer.of(0x0a, 5), Buffer.of(0x0b), Buffer.of(0x02)])
      assert.ok(messageExtent(StructSchema, bytes, MAX) <= 1);
  });
});

describe("messageOf()", () => {
  it("refuses a message with too many fields before it decodes it", () => {
    assert.equal(messageOf(FieldMaskSchema, emptyPaths(100_000)).paths.length, 100_000);
    assert.throws(() => messageOf(FieldMaskSchema, emptyPaths(100_001)), {
      reason: "BODY_TOO_LARGE",
      message: /a message has 100000 fields and elements of lists at most/,
    });
  });
});
