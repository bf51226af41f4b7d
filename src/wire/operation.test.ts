import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { ownFailure } from "../core/transition.ts";
import { SERVICE_METADATA_FIELDS } from "../core/metadata.ts";
import type { Operation } from "../core/operation.ts";
import { EMPTY } from "../core/payload.ts";
import { anOperation } from "../testing/an-operation.ts";
import { listJson, operationJson } from "./operation.ts";

const VIEW = { apiVersion: "v1", pollIntervalMs: () => 1_500 };
const NOW = Date.UTC(2026, 0, 1);

interface Shown {
  readonly name?: string;
  readonly metadata: { readonly "@type": string; readonly value: Record<string, unknown> };
  readonly done?: boolean;
  readonly error?: { readonly code: number };
  readonly response?: unknown;
}

function shown(fields: Partial<Operation>): Shown {
  return JSON.parse(operationJson(anOperation(fields), VIEW)) as Shown;
}

const SUCCEEDED: Partial<Operation> = {
  state: "SUCCEEDED",
  attempt: 1,
  response: { type: "google.protobuf.Struct", json: '{"path":"a.zip"}' },
  startTime: NOW + 10,
  endTime: NOW + 20,
  expireTime: NOW + 30,
};

suite("operationJson()", () => {
  test("writes a pending operation with name and metadata, and no done (contract 3.1, 6.13)", () => {
    const operation = anOperation({ id: "0199", createTime: NOW });
    assert.equal(
      operationJson(operation, VIEW),
      '{"name":"operations/0199","metadata":{"@type":"type.googleapis.com/google.protobuf.Struct","value":' +
        '{"verb":"createArchive","createTime":"2026-01-01T00:00:00.000Z","state":"PENDING","attempt":0,' +
        '"requestedCancellation":false,"apiVersion":"v1","pollInterval":"1.5s"}}}',
    );
  });

  test("has exactly Google's keys, in order (contract 6.2, 11.3)", () => {
    assert.deepEqual(Object.keys(shown(SUCCEEDED)), ["name", "metadata", "done", "response"]);
    const failed = shown({
      ...SUCCEEDED,
      state: "FAILED",
      response: null,
      error: ownFailure("WORKER_LOST", "", { domain: "longrunning" }),
    });
    assert.deepEqual(Object.keys(failed), ["name", "metadata", "done", "error"]);
  });

  test("writes the name under its parent (contract 1.7)", () => {
    assert.equal(shown({ id: "0199", parent: "projects/p" }).name, "projects/p/operations/0199");
  });

  test("leaves the name of what is not kept out (contract 2.1, validate_only)", () => {
    assert.equal(shown({ ...SUCCEEDED, id: "" }).name, undefined);
  });

  test("writes a cancelled operation with code 1 (contract 1.3, 11.2)", () => {
    const error = ownFailure("OPERATION_CANCELLED", "The operation was cancelled.", {
      domain: "longrunning",
    });
    const operation = shown({ ...SUCCEEDED, state: "CANCELLED", response: null, error });
    assert.equal(operation.done, true);
    assert.equal(operation.error?.code, 1);
  });

  test("writes Empty without value (contract 11.5)", () => {
    assert.deepEqual(shown({ ...SUCCEEDED, response: EMPTY }).response, {
      "@type": "type.googleapis.com/google.protobuf.Empty",
    });
  });

  test("never shows a finished operation without a result (contract 11.6)", () => {
    const broken = anOperation({ ...SUCCEEDED, response: null });
    assert.throws(() => operationJson(broken, VIEW), /an error or a response/);
  });

  test("fills the times and drops the poll interval of a finished operation (contract 2.2, 6.10)", () => {
    const { value } = shown({ ...SUCCEEDED, target: "archives/a", cancelTime: NOW }).metadata;
    assert.deepEqual(value, {
      verb: "createArchive",
      target: "archives/a",
      createTime: "2026-01-01T00:00:00.000Z",
      startTime: "2026-01-01T00:00:00.010Z",
      endTime: "2026-01-01T00:00:00.020Z",
      expireTime: "2026-01-01T00:00:00.030Z",
      state: "SUCCEEDED",
      attempt: 1,
      requestedCancellation: true,
      apiVersion: "v1",
    });
  });

  test("writes the service's fields in the order of the list, and the handler's after them", () => {
    const json = '{"progressPercent":1.50,"statusMessage":"1 of 2"}';
    const metadata = { type: "google.protobuf.Struct", json };
    const keys = Object.keys(shown({ metadata, target: "t", startTime: NOW }).metadata.value);
    const own = SERVICE_METADATA_FIELDS.filter((field) => keys.includes(field));
    assert.deepEqual(keys, [...own, "progressPercent", "statusMessage"]);
    assert.ok(operationJson(anOperation({ metadata }), VIEW).includes(json.slice(1, -1)), "spliced as text");
  });

  test("takes an empty report as none", () => {
    for (const metadata of [EMPTY, { type: "google.protobuf.Struct", json: "{}" }]) {
      assert.equal(shown({ metadata }).metadata.value["state"], "PENDING");
    }
  });

  test("sends a typed report as it is", () => {
    const metadata = { type: "archive.v1.Progress", json: '{"percent":1}' };
    const text = operationJson(anOperation({ metadata }), VIEW);
    assert.ok(text.includes('"metadata":{"@type":"type.googleapis.com/archive.v1.Progress","percent":1}'));
  });
});

suite("listJson()", () => {
  test("leaves out what is empty (contract 3.1)", () => assert.equal(listJson([], "", VIEW), "{}"));

  test("writes operations and token and nothing else (contract 11.3)", () => {
    const list = JSON.parse(listJson([anOperation(), anOperation()], "next", VIEW)) as {
      operations: unknown[];
    };
    assert.deepEqual(Object.keys(list), ["operations", "nextPageToken"]);
    assert.equal(list.operations.length, 2);
  });

  test("may have a token and no operations (contract 2.5)", () => {
    assert.equal(listJson([], "next", VIEW), '{"nextPageToken":"next"}');
  });
});
