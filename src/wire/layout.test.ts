import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { SERVICE_METADATA_FIELDS } from "../core/method/metadata.ts";
import type { Operation } from "../core/operation/operation.ts";
import { EMPTY, type Payload } from "../core/operation/payload.ts";
import { anOperation } from "../testing/an-operation.ts";
import { indentJson } from "./indent.ts";
import { COMPACT, INDENTED, membersAt } from "./layout.ts";
import { operationJson, type OperationView } from "./operation.ts";

const TYPES = ["google.protobuf.Struct", "google.protobuf.Value", "example.v1.Report", EMPTY.type];

const payloads: fc.Arbitrary<Payload> = fc.record({
  type: fc.constantFrom(...TYPES),
  json: fc.dictionary(fc.string(), fc.jsonValue()).map((value) => JSON.stringify(value)),
});

const outcomes: fc.Arbitrary<Partial<Operation>> = fc.oneof(
  fc.constant({}),
  fc.constant({ blocked: true }),
  payloads.map((response) => ({ state: "SUCCEEDED" as const, response, endTime: 1, expireTime: 2 })),
  fc.array(fc.record({ "@type": fc.constant("x/y"), text: fc.string() })).map((details) => ({
    state: "FAILED" as const,
    error: { code: "ABORTED" as const, message: "no", details },
    endTime: 1,
    expireTime: 2,
  })),
);

const operations = fc
  .tuple(outcomes, fc.option(payloads), fc.constantFrom("", "projects/p"), fc.boolean())
  .map(([outcome, metadata, parent, isStored]) =>
    anOperation({ parent, metadata, ...outcome, ...(isStored ? {} : { id: "" }) }),
  );

/** Views of methods without a metadata type of their own, and with one that has some fields. */
const views: fc.Arbitrary<OperationView> = fc
  .tuple(fc.constantFrom(undefined, ...TYPES), fc.subarray([...SERVICE_METADATA_FIELDS]), fc.boolean())
  .map(([type, fields, hasMessage]) => ({
    apiVersion: "v1",
    pollIntervalMs: () => 1_000,
    metadataShape: () =>
      type === undefined
        ? undefined
        : {
            type,
            fields: new Map(fields.map((field) => [field, `${field}Text`])),
            statusMessage: hasMessage ? "message" : undefined,
            apiVersion: undefined,
          },
  }));

suite("layouts", () => {
  test("an operation that is indented while it is made is the one that is indented afterwards", () => {
    fc.assert(
      fc.property(operations, views, (operation, view) => {
        const compact = operationJson(operation, view, COMPACT);
        assert.doesNotThrow(() => JSON.parse(compact));
        assert.equal(`${operationJson(operation, view, INDENTED)}\n`, indentJson(compact));
      }),
    );
  });

  test("the members of an object have neither its brackets nor its last line", () => {
    assert.equal(membersAt('{"a":1,"b":{"c":2}}', 1, COMPACT), '"a":1,"b":{"c":2}');
    assert.equal(membersAt('{"a":1}', 3, INDENTED), '\n      "a": 1');
    for (const layout of [COMPACT, INDENTED]) assert.equal(membersAt("{}", 2, layout), "");
  });
});
