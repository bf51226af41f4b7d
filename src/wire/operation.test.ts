import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { ownFailure } from "../core/operation/transition.ts";
import { SERVICE_METADATA_FIELDS } from "../core/method/metadata.ts";
import type { Operation } from "../core/operation/operation.ts";
import { EMPTY } from "../core/operation/payload.ts";
import { anOperation } from "../testing/an-operation.ts";
import type { ErrorDetail } from "../core/error/details.ts";
import { listJson, operationJson, resultsJson } from "./operation.ts";

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
  test("writes a pending operation with name and metadata, without done (contract 3.1, 6.13)", () => {
    const operation = anOperation({ id: "0199", createTime: NOW });
    assert.equal(
      operationJson(operation, VIEW),
      '{"name":"operations/0199","metadata":{"@type":"type.googleapis.com/google.protobuf.Struct","value":' +
        '{"verb":"createArchive","createTime":"2026-01-01T00:00:00.000Z","state":"PENDING","attempt":0,' +
        '"requestedCancellation":false,"apiVersion":"v1","pollInterval":"1.5s"}}}',
    );
  });

  test("writes a priority that is not 0, and when a delayed operation may begin, until its first retry", () => {
    const fields = { id: "0199", createTime: NOW, priority: 7, availableTime: NOW + 5_000 };
    const scheduleTime = "2026-01-01T00:00:05.000Z";
    const { value } = shown(fields).metadata;
    assert.deepEqual([value["priority"], value["scheduleTime"]], [7, scheduleTime]);
    const running = { ...fields, state: "RUNNING", attempt: 1, leaseTime: NOW + 9_000, worker: "w" } as const;
    assert.equal(shown(running).metadata.value["scheduleTime"], scheduleTime);
    assert.equal(shown({ ...fields, attempt: 1 }).metadata.value["scheduleTime"], undefined);
  });

  test("says what a blocked operation waits for, while it waits, if its metadata has a text for it", () => {
    const blocked = anOperation({ blocked: true, parallelKey: "k" });
    const text = "Waits for another operation of this method and key.";
    const valueOf = (fields: Partial<Operation>) => shown({ ...blocked, ...fields }).metadata.value;
    assert.equal(valueOf({})["statusMessage"], text);
    assert.equal(valueOf({ blocked: false })["statusMessage"], undefined);
    assert.equal(valueOf({ ...SUCCEEDED, state: "CANCELLED" })["statusMessage"], undefined);
    const withField = (statusMessage: string | undefined) => {
      const metadataShape = () => ({ type: "a.v1.P", fields: new Map(), statusMessage, apiVersion: "v1" });
      return JSON.parse(operationJson(blocked, { ...VIEW, metadataShape })) as object;
    };
    const type = "type.googleapis.com/a.v1.P";
    const { name } = shown(blocked);
    assert.deepEqual(withField("statusDetail"), { name, metadata: { "@type": type, statusDetail: text } });
    assert.deepEqual(withField(undefined), { name, metadata: { "@type": type } });
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

  test("leaves out the name of an operation that is not stored (contract 2.1, validate_only)", () => {
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

  test("writes the service's fields in the order of the list, followed by the handler's", () => {
    const json = '{"progressPercent":1.50,"statusMessage":"1 of 2"}';
    const metadata = { type: "google.protobuf.Struct", json };
    const keys = Object.keys(shown({ metadata, target: "t", startTime: NOW }).metadata.value);
    const own = SERVICE_METADATA_FIELDS.filter((field) => keys.includes(field));
    assert.deepEqual(keys, [...own, "progressPercent", "statusMessage"]);
    assert.ok(operationJson(anOperation({ metadata }), VIEW).includes(json.slice(1, -1)), "spliced as text");
  });

  test("treats an empty report as none", () => {
    for (const metadata of [EMPTY, { type: "google.protobuf.Struct", json: "{}" }]) {
      assert.equal(shown({ metadata }).metadata.value["state"], "PENDING");
    }
  });

  test("sends a typed report unchanged", () => {
    const metadata = { type: "archive.v1.Progress", json: '{"percent":1}' };
    const text = operationJson(anOperation({ metadata }), VIEW);
    assert.ok(text.includes('"metadata":{"@type":"type.googleapis.com/archive.v1.Progress","percent":1}'));
  });
});

test("operationJson() fills in the metadata type of a method, and decodes details that its protos know", () => {
  const metadataShape = {
    type: "a.v1beta1.Progress",
    fields: new Map([
      ["createTime", "createTime"],
      ["requestedCancellation", "cancelRequested"],
      ["apiVersion", "apiVersion"],
    ] as const),
    statusMessage: undefined,
    apiVersion: "v1beta1",
  };
  const view = {
    ...VIEW,
    metadataShape: () => metadataShape,
    knownDetails: () => (type: string) => type === "a.v1beta1.Detail",
  };
  const details = [
    { "@type": "type.googleapis.com/a.v1beta1.Detail", a: 1 },
    { "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason: "A" },
  ];
  const failed = anOperation({
    state: "FAILED",
    endTime: 5,
    error: { code: "ABORTED", message: "m", details },
    metadata: { type: "a.v1beta1.Progress", json: '{"percent":5}' },
  });
  const answer = JSON.parse(operationJson(failed, view)) as {
    metadata: object;
    error: { details: object[] };
  };
  assert.deepEqual(answer.metadata, {
    "@type": "type.googleapis.com/a.v1beta1.Progress",
    createTime: new Date(failed.createTime).toISOString(),
    cancelRequested: false,
    apiVersion: "v1beta1",
    percent: 5,
  });
  assert.deepEqual(answer.error.details, details.slice(0, 1));
});

suite("listJson()", () => {
  test("leaves out empty fields (contract 3.1)", () => assert.equal(listJson([], "", VIEW), "{}"));

  test("writes operations and token and nothing else (contract 11.3)", () => {
    const list = JSON.parse(listJson([anOperation(), anOperation()], "next", VIEW)) as {
      operations: unknown[];
    };
    assert.deepEqual(Object.keys(list), ["operations", "nextPageToken"]);
    assert.equal(list.operations.length, 2);
  });

  test("may have a token and no operations (contract 2.5)", () => {
    assert.equal(listJson([], "next", VIEW), '{"nextPageToken":"next"}');
    assert.equal(listJson([], "", VIEW, ["projects/p"]), '{"unreachable":["projects/p"]}');
  });
});

test("resultsJson() writes operations and errors in order", () => {
  const operation = anOperation();
  const error = ownFailure("METHOD_NOT_FOUND", "No.", { domain: "longrunning" });
  assert.deepEqual(JSON.parse(resultsJson([{ operation }, { error }], VIEW)), {
    results: [
      { operation: JSON.parse(operationJson(operation, VIEW)) as object },
      { error: { code: 5, message: "No.", details: error.details } },
    ],
  });
});

function failedWith(details: readonly object[]): object {
  return { results: [{ error: { code: 10, message: "Later.", details } }] };
}

test("resultsJson() writes details of the API's own types with their types", () => {
  const own = { "@type": "type.googleapis.com/a.v1.Quota", left: 5 };
  const error = { code: "ABORTED", message: "Later.", details: [own] } as const;
  const knowsDetail = (detail: ErrorDetail): boolean => detail["@type"] === own["@type"];
  assert.deepEqual(JSON.parse(resultsJson([{ error }], { ...VIEW, knowsDetail })), failedWith([own]));
  const wrapped = { "@type": "type.googleapis.com/google.protobuf.Struct", value: own };
  assert.deepEqual(JSON.parse(resultsJson([{ error }], VIEW)), failedWith([wrapped]));
});
