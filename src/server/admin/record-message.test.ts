import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { remoteWorker } from "../../core/operation/remote-worker.ts";
import { STRUCT } from "../../core/operation/payload.ts";
import { anOperation } from "../../testing/an-operation.ts";
import { STANDARD_TYPES } from "../../wire/proto/registry.ts";
import { payloadNameOf, plainRecord } from "./record-message.ts";

const view = { apiVersion: "v1", pollIntervalMs: () => 1_000 };
const how = { view, types: STANDARD_TYPES, payload: undefined };
const recordOf = (fields: Parameters<typeof anOperation>[0]) => ({
  operation: anOperation(fields),
  againOf: "",
  retried: "",
  asOf: 1,
});

describe("payloadNameOf()", () => {
  it("knows the three payloads", () => {
    assert.equal(payloadNameOf(""), undefined);
    assert.equal(payloadNameOf("metadata"), "metadata");
    assert.throws(() => payloadNameOf("Request"), { reason: "PARAMETER_INVALID", message: /got "Request"/ });
  });
});

describe("plainRecord()", () => {
  it("has payloads exactly as they are stored, and the sizes of those that it leaves out", () => {
    const metadata = { type: STRUCT, json: `{"n":1.0e2,"s":"${"é".repeat(140_000)}"}` };
    const record = plainRecord(recordOf({ request: '{"n":1e400}', metadata }), how);
    assert.deepEqual([record.requestJson, record.requestBytes], ['{"n":1e400}', 11]);
    assert.deepEqual([record.metadataJson, record.metadataBytes], [null, 280_018]);
    assert.equal(record.operationJson, null);
    assert.deepEqual([record.responseJson, record.responseBytes], [null, 0]);
    const asked = plainRecord(recordOf({ metadata }), { ...how, payload: "metadata" });
    assert.equal(asked.metadataJson, metadata.json);
    assert.match(asked.operationJson ?? "", /"n":1\.0e2/);
  });

  it("has the caller that started it, and the error as callers see it", () => {
    const caller = JSON.stringify({ principal: "user:ada@example.com", tenant: "projects/p" });
    const error = { code: "NOT_FOUND", message: "No disk.", details: [] } as const;
    const record = plainRecord(recordOf({ caller, error, state: "FAILED", exception: "Error: x" }), how);
    assert.deepEqual([record.principal, record.tenant], ["user:ada@example.com", "projects/p"]);
    assert.deepEqual([record.error?.code, record.error?.message], [5, "No disk."]);
    assert.equal(record.exception, "Error: x");
    assert.match(record.failureKey, /^.{8,}$/);
    const old = plainRecord(recordOf({ caller: null }), how);
    assert.deepEqual([old.principal, old.tenant], ["", ""]);
  });

  it("names workers by the names that they chose", () => {
    const worker = remoteWorker("host-3/4711");
    const running = { state: "RUNNING", attempt: 1, worker, leaseTime: 9 } as const;
    const record = plainRecord(recordOf(running), how);
    assert.equal(record.row?.worker, "host-3/4711");
    assert.deepEqual(
      record.attempts.map((attempt) => attempt.worker),
      ["host-3/4711"],
    );
  });
});
