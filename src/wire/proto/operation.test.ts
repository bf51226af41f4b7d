import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { type DescMessage, fromBinary, fromJson, toBinary, toJson } from "@bufbuild/protobuf";
import fc from "fast-check";
import type { ErrorDetail } from "../../core/error/details.ts";
import type { Operation } from "../../core/operation/operation.ts";
import { encodeJson, type JsonObject } from "../../core/operation/payload.ts";
import { anOperation } from "../../testing/an-operation.ts";
import { ListOperationsResponseSchema, OperationSchema } from "../gen/google/longrunning/operations_pb.ts";
import { StartOperationsResponseSchema } from "../gen/longrunning/v1/methods_pb.ts";
import { listJson, operationJson, resultsJson } from "../operation.ts";
import { EMPTY_PROTO, listProto, operationProto, resultsProto } from "./operation.ts";
import { STANDARD_TYPES } from "./registry.ts";

const VIEW = { apiVersion: "v1", pollIntervalMs: () => 1_500 };
const NOW = Date.UTC(2026, 0, 1);
const registry = STANDARD_TYPES;

/** The JSON that a client reads from the bytes. */
function read(type: DescMessage, bytes: Uint8Array): unknown {
  return toJson(type, fromBinary(type, bytes), { registry });
}

/**
 * Objects as handlers return them. `__proto__` is excluded: an object with it differs from its
 * parsed JSON.
 */
const objects = fc
  .dictionary(
    fc.string({ unit: "grapheme" }).filter((key) => key !== "__proto__"),
    fc.jsonValue({ stringUnit: "grapheme", depthSize: "medium" }),
  )
  .map((value) => JSON.parse(encodeJson(value).replaceAll("__proto__", "proto")) as JsonObject);

const details: fc.Arbitrary<ErrorDetail> = fc.oneof(
  fc
    .record({
      reason: fc.constantFrom("A_B", "C"),
      domain: fc.string(),
      metadata: fc.dictionary(fc.stringMatching(/^[a-z]+$/), fc.string()),
    })
    .map(({ reason, domain, metadata }) =>
      detail("google.rpc.ErrorInfo", { reason, ...filled({ domain, metadata }) }),
    ),
  fc.integer({ min: 1, max: 1e6 }).map((s) => detail("google.rpc.RetryInfo", { retryDelay: `${s}s` })),
  fc
    .bigInt({ min: 1n, max: 2n ** 63n - 1n })
    .map((n) => detail("google.rpc.QuotaFailure", { violations: [{ subject: "s", quotaValue: String(n) }] })),
  fc.constant(detail("google.protobuf.Timestamp", { value: "2026-01-01T00:00:00Z" })),
  fc.constant(detail("google.protobuf.Empty", {})),
  objects.map((value) => detail("google.protobuf.Struct", { value })),
);

function detail(type: string, fields: object): ErrorDetail {
  return { "@type": `type.googleapis.com/${type}`, ...fields };
}

/** Without the fields that proto-JSON omits. */
function filled(fields: { readonly domain: string; readonly metadata: object }): object {
  return {
    ...(fields.domain === "" ? {} : { domain: fields.domain }),
    ...(Object.keys(fields.metadata).length === 0 ? {} : { metadata: fields.metadata }),
  };
}

const payloads = fc.oneof(
  objects.map((value) => ({ type: "google.protobuf.Struct", json: encodeJson(value) })),
  fc.constant({ type: "google.protobuf.Empty", json: "{}" }),
  fc.constant({ type: "google.rpc.ErrorInfo", json: '{"reason":"R"}' }),
  fc.constant({ type: "google.protobuf.Duration", json: '"3.500s"' }),
  fc.constant({ type: "google.protobuf.StringValue", json: '"text"' }),
);

const running = fc.record({
  metadata: fc.option(payloads),
  attempt: fc.nat(),
  parent: fc.constantFrom("", "projects/p"),
});
const finished = { startTime: NOW, endTime: NOW + 5, expireTime: NOW + 9 };

const operations: fc.Arbitrary<Operation> = fc
  .tuple(
    running,
    fc.oneof(
      fc.constant({ state: "RUNNING" } as const),
      payloads.map((response) => ({ ...finished, state: "SUCCEEDED", response }) as const),
      fc
        .record({
          code: fc.constantFrom("INTERNAL", "CANCELLED", "NOT_FOUND"),
          message: fc.string({ minLength: 1 }),
          details: fc.array(details),
        })
        .map((error) => ({ ...finished, state: "FAILED", error }) as const),
    ),
  )
  .map(([first, last]) => anOperation({ ...first, ...last }));

suite("operationProto()", () => {
  test("has the same contents as the JSON, whatever the operation contains", () => {
    fc.assert(
      fc.property(operations, (operation) => {
        const shown = read(OperationSchema, operationProto(operation, VIEW));
        assert.deepEqual(shown, JSON.parse(operationJson(operation, VIEW)));
      }),
      { numRuns: 500 },
    );
  });

  test("writes the bytes that protobuf-es itself writes for the JSON", () => {
    fc.assert(
      fc.property(operations, (operation) => {
        const message = fromJson(OperationSchema, JSON.parse(operationJson(operation, VIEW)), { registry });
        assert.deepEqual(fromBinary(OperationSchema, operationProto(operation, VIEW)), message);
        assert.equal(operationProto(operation, VIEW).length, toBinary(OperationSchema, message).length);
      }),
    );
  });

  test("leaves out the name of an unstored operation, and done of an unfinished one", () => {
    const shown = read(OperationSchema, operationProto(anOperation({ id: "" }), VIEW));
    assert.deepEqual(Object.keys(shown as object), ["metadata"]);
  });

  test("sends a response of an unknown type as a Struct that contains all of it (contract 1.6)", () => {
    const response = { type: "example.Unknown", json: '{"a":1}' };
    const operation = anOperation({ ...finished, state: "SUCCEEDED", response });
    const shown = read(OperationSchema, operationProto(operation, VIEW)) as { response: unknown };
    assert.deepEqual(shown.response, {
      "@type": "type.googleapis.com/google.protobuf.Struct",
      value: { "@type": "type.googleapis.com/example.Unknown", a: 1 },
    });
  });
});

test("listProto() has the same contents as the JSON", () => {
  fc.assert(
    fc.property(fc.array(operations, { maxLength: 5 }), fc.string(), (page, token) => {
      const shown = read(ListOperationsResponseSchema, listProto(page, token, VIEW));
      assert.deepEqual(shown, JSON.parse(listJson(page, token, VIEW)));
    }),
  );
});

test("EMPTY_PROTO has no bytes", () => {
  assert.equal(EMPTY_PROTO.length, 0);
});

test("the results of many starts are in order, one for each", () => {
  const operation = anOperation();
  const error = { code: "NOT_FOUND", message: "No.", details: [] } as const;
  const bytes = resultsProto([{ error }, { operation }], VIEW);
  assert.deepEqual(
    read(StartOperationsResponseSchema, bytes),
    JSON.parse(resultsJson([{ error }, { operation }], VIEW)),
  );
});
