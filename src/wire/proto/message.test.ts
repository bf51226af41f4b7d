import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { fromBinary, toJson } from "@bufbuild/protobuf";
import type { Operation } from "../../core/operation/operation.ts";
import { anOperation } from "../../testing/an-operation.ts";
import { ListOperationsResponseSchema, OperationSchema } from "../gen/google/longrunning/operations_pb.ts";
import { listJson, operationJson } from "../operation.ts";
import { messageProto } from "./message.ts";
import { listProto, operationProto } from "./operation.ts";
import { STANDARD_TYPES } from "./registry.ts";

const VIEW = { apiVersion: "v1", pollIntervalMs: () => 1_500 };
const finished = { startTime: 1, endTime: 2, expireTime: 3 };
const unknown = { "@type": "type.googleapis.com/example.Unknown", a: 1 };
const registry = STANDARD_TYPES;

const OPERATIONS: readonly Operation[] = [
  anOperation(),
  anOperation({ ...finished, state: "SUCCEEDED", response: { type: "google.protobuf.Empty", json: "{}" } }),
  anOperation({ ...finished, state: "SUCCEEDED", response: { type: "example.Unknown", json: '{"a":1}' } }),
  anOperation({ ...finished, state: "FAILED", error: { code: "ABORTED", message: "", details: [unknown] } }),
];

suite("messageProto()", () => {
  test("makes the same bytes from the JSON as from the operation", () => {
    for (const operation of OPERATIONS) {
      const bytes = messageProto("Operation", operationJson(operation, VIEW));
      assert.deepEqual(bytes, operationProto(operation, VIEW));
    }
    const bytes = messageProto("ListOperationsResponse", listJson(OPERATIONS, "next", VIEW));
    assert.deepEqual(bytes, listProto(OPERATIONS, "next", VIEW));
    assert.equal(messageProto("Empty", "{}").length, 0);
  });

  test("accepts what a field mask leaves", () => {
    const done = messageProto("ListOperationsResponse", '{"operations":[{"done":true},{}]}');
    const list = toJson(ListOperationsResponseSchema, fromBinary(ListOperationsResponseSchema, done));
    assert.deepEqual(list, { operations: [{ done: true }, {}] });
    const state = messageProto("Operation", '{"metadata":{"value":{"state":"RUNNING"}}}');
    assert.deepEqual(toJson(OperationSchema, fromBinary(OperationSchema, state), { registry }), {
      metadata: {
        "@type": "type.googleapis.com/google.protobuf.Struct",
        value: { value: { state: "RUNNING" } },
      },
    });
  });
});
