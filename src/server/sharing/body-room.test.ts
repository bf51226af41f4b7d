import assert from "node:assert/strict";
import { test } from "node:test";
import { LIMITS } from "../../core/limits.ts";
import { bodyRoomBytes, bodyRoomOfProcess, roomFor } from "./body-room.ts";

const MIB = 1_048_576;

test("has a part of the heap, and never less than two batches", () => {
  assert.equal(bodyRoomBytes(4_096 * MIB), 512 * MIB);
  assert.equal(bodyRoomBytes(64 * MIB), 2 * LIMITS.batchBytesMax);
  assert.equal(bodyRoomOfProcess(), bodyRoomOfProcess());
});

test("reserves for a compressed body the room of its decompressed size", () => {
  assert.equal(roomFor(1_000, false, MIB), 1_000);
  assert.equal(roomFor(100, true, MIB), 103_300);
  assert.equal(roomFor(100_000, true, MIB), MIB + 100_000);
});
