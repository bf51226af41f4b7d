import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { create, toBinary } from "@bufbuild/protobuf";
import { DurationSchema } from "@bufbuild/protobuf/wkt";
import { GetOperationRequestSchema } from "../../wire/gen/google/longrunning/operations_pb.ts";
import { messageOf, nameOf, waitMs } from "./requests.ts";

function bytesOf(name: string): Buffer {
  return Buffer.from(toBinary(GetOperationRequestSchema, create(GetOperationRequestSchema, { name })));
}

describe("nameOf()", () => {
  it("reads names, plain and other", () => {
    for (const name of ["operations/x", "", "a".repeat(127), "a".repeat(128), "ä", "🙂".repeat(40), "\0"]) {
      assert.equal(nameOf(bytesOf(name)), name);
    }
  });

  it("reads other valid encodings: the last of two values, unknown fields, a longer length", () => {
    assert.equal(nameOf(Buffer.concat([bytesOf("a"), bytesOf("b")])), "b");
    assert.equal(nameOf(Buffer.concat([bytesOf("a"), Buffer.of(0x78, 1)])), "a");
    assert.equal(nameOf(Buffer.of(0x0a, 0x81, 0x00, 0x61)), "a");
  });

  const broken: [sentence: string, bytes: number[]][] = [
    ["a length beyond the end", [0x0a, 0x05, 0x61]],
    ["a tag without a value", [0x0a]],
    ["text that is not UTF-8", [0x0a, 0x01, 0xff]],
    ["a group that does not end", [0x0b]],
    ["field number 0", [0x02, 0x00]],
    ["a wire type that does not exist", [0x0f, 0x00]],
  ];
  for (const [sentence, bytes] of broken) {
    it(`refuses ${sentence}`, () =>
      assert.throws(() => nameOf(Buffer.from(bytes)), {
        code: "INVALID_ARGUMENT",
        reason: "MESSAGE_INVALID",
      }));
  }
});

describe("smallMessageOf()", () => {
  it("refuses a message that is larger than any valid one", () => {
    assert.throws(() => nameOf(bytesOf("a".repeat(40_000))), { reason: "BODY_TOO_LARGE" });
    assert.equal(nameOf(bytesOf("a".repeat(30_000))).length, 30_000);
  });
});

describe("messageOf()", () => {
  it("names the message type that the bytes do not match", () => {
    assert.throws(() => messageOf(DurationSchema, Buffer.of(0x0a)), /not a google\.protobuf\.Duration/);
  });
});

const seconds = (count: number) => create(DurationSchema, { seconds: BigInt(count) });

describe("waitMs()", () => {
  const cases: [
    sentence: string,
    timeout: number | undefined,
    leftMs: number,
    expected: number | undefined,
  ][] = [
    ["is undefined where neither is set", undefined, Number.POSITIVE_INFINITY, undefined],
    ["is the timeout", 5, Number.POSITIVE_INFINITY, 5_000],
    ["is the deadline less a quarter of a second", undefined, 10_000, 9_750],
    ["is the shorter of both", 5, 10_000, 5_000],
    ["is the shorter of both, the other way round", 15, 10_000, 9_750],
    ["leaves a tenth of a short deadline", undefined, 100, 90],
    ["is nothing once the deadline is over", 5, -20, 0],
    ["bears the longest duration there is", 315_576_000_000, 1_000, 900],
  ];
  for (const [sentence, timeout, leftMs, expected] of cases) {
    it(sentence, () => {
      assert.equal(waitMs(timeout === undefined ? undefined : seconds(timeout), leftMs), expected);
    });
  }

  it("counts nanoseconds, and refuses invalid durations", () => {
    assert.equal(waitMs(create(DurationSchema, { nanos: 1_500_000 }), Number.POSITIVE_INFINITY), 1.5);
    for (const wrong of [seconds(-1), seconds(315_576_000_001), create(DurationSchema, { nanos: -1 })]) {
      assert.throws(() => waitMs(wrong, 1_000), { reason: "PARAMETER_INVALID" });
    }
  });
});
