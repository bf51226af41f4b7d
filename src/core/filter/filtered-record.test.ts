import assert from "node:assert/strict";
import { test } from "node:test";
import { anOperation } from "../../testing/an-operation.ts";
import { EMPTY, STRUCT } from "../operation/payload.ts";
import { FilteredRecord } from "./filtered-record.ts";

test("a record looks as on the wire: empty fields are absent, and types are those that are sent", () => {
  const operation = anOperation({ parent: "projects/p" });
  const record = new FilteredRecord(operation);
  assert.equal(record.name, `projects/p/operations/${operation.id}`);
  assert.equal(record.serviceField("target"), undefined);
  assert.equal(record.serviceField("startTime"), undefined);
  assert.equal(record.serviceField("constructor"), undefined);
  assert.equal(record.errorCode, undefined);
  assert.equal(record.typeUrl("metadata"), "type.googleapis.com/google.protobuf.Struct");
  assert.equal(record.typeUrl("response"), undefined);
  assert.equal(record.response, undefined);
  assert.deepEqual(record.reported, {});
});

test("payloads have their contents", () => {
  const metadata = { type: STRUCT, json: '{"a":1}' };
  const record = new FilteredRecord(anOperation({ metadata, response: EMPTY }));
  assert.deepEqual(record.reported, { a: 1 });
  assert.equal(record.reported, record.reported);
  assert.deepEqual(record.response, {});
  assert.equal(record.typeUrl("response"), "type.googleapis.com/google.protobuf.Empty");
});
