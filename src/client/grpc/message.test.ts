import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { create, createRegistry, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { anyPack, file_google_protobuf_type, TypeSchema } from "@bufbuild/protobuf/wkt";
import type { Operation } from "../../core/operation/operation.ts";
import { anOperation } from "../../testing/an-operation.ts";
import { OperationSchema } from "../../wire/gen/google/longrunning/operations_pb.ts";
import { operationJson } from "../../wire/operation.ts";
import { operationProto } from "../../wire/proto/operation.ts";
import { STANDARD_TYPES } from "../../wire/proto/registry.ts";
import { decodeOperation } from "../operation.ts";
import { operationOf } from "./message.ts";

const URL = "type.googleapis.com";
const VIEW = { apiVersion: "v1", pollIntervalMs: () => 1_500 };
const finished = { startTime: 1, endTime: 2, expireTime: 3 };
const struct = (value: object) => ({ type: "google.protobuf.Struct", json: JSON.stringify(value) });

const OPERATIONS: Readonly<Record<string, Operation>> = {
  "one that is pending": anOperation({ parent: "projects/p" }),
  "one that runs": anOperation({
    state: "RUNNING",
    startTime: 1,
    metadata: struct({
      progressPercent: 12.5,
      currentFile: "ü.txt",
      files: ["a", null, { b: true }],
      none: {},
    }),
  }),
  "one with a response": anOperation({
    ...finished,
    state: "SUCCEEDED",
    response: struct({ a: { b: { c: [[], [[1e300, -0.5]]] } }, d: "" }),
  }),
  "one with an empty response": anOperation({ ...finished, state: "SUCCEEDED", response: struct({}) }),
  "one without a response": anOperation({
    ...finished,
    state: "SUCCEEDED",
    response: { type: "google.protobuf.Empty", json: "{}" },
  }),
  "one that failed": anOperation({
    ...finished,
    state: "FAILED",
    error: {
      code: "ABORTED",
      message: "No.",
      details: [
        { "@type": `${URL}/google.rpc.ErrorInfo`, reason: "R_R", domain: "d", metadata: { a: "b" } },
        { "@type": `${URL}/google.rpc.RetryInfo`, retryDelay: "1.500s" },
        { "@type": `${URL}/example.Unknown`, a: [1] },
      ],
    },
  }),
};

function read(operation: MessageInitShape<typeof OperationSchema>, types = STANDARD_TYPES) {
  const bytes = toBinary(OperationSchema, create(OperationSchema, operation));
  return operationOf(fromBinary(OperationSchema, bytes), types);
}

suite("operationOf() returns the same as REST:", () => {
  for (const [what, operation] of Object.entries(OPERATIONS)) {
    test(what, () => {
      const message = fromBinary(OperationSchema, operationProto(operation, VIEW));
      const overRest = decodeOperation(JSON.parse(operationJson(operation, VIEW)));
      assert.deepEqual(operationOf(message, STANDARD_TYPES), overRest);
    });
  }
});

suite("operationOf()", () => {
  test("reads a nearly empty operation of a server", () => {
    assert.deepEqual(read({ name: "operations/x" }), {
      name: "operations/x",
      done: false,
      metadata: {},
      response: null,
      error: null,
    });
  });

  test("returns a message of an unknown type with its type and its bytes", () => {
    const value = new Uint8Array([8, 1]);
    const any = { typeUrl: `${URL}/example.Unknown`, value };
    const given = { "@type": any.typeUrl, value: "CAE=" };
    const result = { case: "response", value: any } as const;
    const operation = read({ metadata: any, done: true, result });
    assert.deepEqual([operation.metadata, operation.response], [given, given]);
    const status = { code: 10, message: "No.", details: [any] };
    const failed = read({ done: true, result: { case: "error", value: status } });
    assert.deepEqual(failed.error, { code: "ABORTED", message: "No.", details: [given] });
  });

  test("returns a message whose bytes do not match its type like one of an unknown type", () => {
    const any = { typeUrl: `${URL}/google.protobuf.Struct`, value: new Uint8Array([255]) };
    assert.deepEqual(read({ metadata: any }).metadata, { "@type": any.typeUrl, value: "/w==" });
  });

  test("knows the types that it is given", () => {
    const any = anyPack(TypeSchema, create(TypeSchema, { name: "n", oneofs: ["o"] }));
    const types = createRegistry(file_google_protobuf_type, STANDARD_TYPES);
    const response = { case: "response", value: any } as const;
    assert.deepEqual(read({ result: response }, types).response, { name: "n", oneofs: ["o"] });
  });
});
