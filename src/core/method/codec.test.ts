import assert from "node:assert/strict";
import { test } from "node:test";
import { STRUCT_CODEC } from "./codec.ts";
import { EMPTY } from "../operation/payload.ts";

test("STRUCT_CODEC keeps plain objects as Structs, and a missing value as Empty", () => {
  const payload = STRUCT_CODEC.response("Response", { a: 1 });
  assert.deepEqual(payload, { type: "google.protobuf.Struct", json: '{"a":1}' });
  assert.deepEqual(STRUCT_CODEC.metadata("Progress", { a: 1 }), payload);
  assert.deepEqual(STRUCT_CODEC.value(payload), { a: 1 });
  assert.equal(STRUCT_CODEC.value(EMPTY), null);
  assert.deepEqual(STRUCT_CODEC.request({ a: 1 }), { a: 1 });
  assert.deepEqual(STRUCT_CODEC.value(STRUCT_CODEC.empty), {});
});
