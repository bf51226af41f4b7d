import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { anOperation } from "../testing/an-operation.ts";
import type { Failure, Operation } from "../core/operation/operation.ts";
import { accepted, monitorAnswer, type MonitorView } from "./monitor.ts";

const VIEW: MonitorView = {
  view: { apiVersion: "v1", pollIntervalMs: () => 1_500 },
  pollIntervalMs: () => 1_500,
  origin: "https://a.example",
  domain: "d",
};

const headersOf = (headers: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    Array.from({ length: headers.length / 2 }, (_, index) => [headers[2 * index], headers[2 * index + 1]]),
  );

const failed = (code: Failure["code"], change: Partial<Operation> = {}): Operation =>
  anOperation({ state: "FAILED", endTime: 1, error: { code, message: "no", details: [] }, ...change });

suite("monitorAnswer()", () => {
  test("is 202 with both addresses while the operation is not done", () => {
    const operation = anOperation();
    const { status, headers, body } = monitorAnswer(operation, VIEW);
    assert.equal(status, 202);
    const shown = headersOf(headers);
    assert.equal(shown["location"], `https://a.example/.operations/${operation.id}`);
    assert.match(
      shown["operation-location"] ?? "",
      /^https:\/\/a\.example\/\.operations\/v1\/.*operations\//,
    );
    assert.equal(shown["retry-after"], "2");
    assert.equal((JSON.parse(String(body)) as { done?: boolean }).done, undefined);
  });

  test("is the original answer, once there is one", () => {
    const answer = {
      status: 418,
      statusText: "Tea",
      headers: [["X-A", "1"]],
      body: "AP8=",
      sizeBytes: 2,
      sha256: "",
    };
    const response = { type: "google.protobuf.Struct", json: JSON.stringify(answer) };
    const { status, statusText, headers, body } = monitorAnswer(
      anOperation({ state: "SUCCEEDED", endTime: 1, response }),
      VIEW,
    );
    assert.deepEqual([status, statusText, Buffer.from(body)], [418, "Tea", Buffer.from([0, 255])]);
    assert.deepEqual(headersOf(headers), { "X-A": "1", AsyncResult: "418", Vary: "Prefer" });
  });

  for (const [code, state, status] of [
    ["CANCELLED", "CANCELLED", 409],
    ["DEADLINE_EXCEEDED", "FAILED", 504],
    ["UNAVAILABLE", "FAILED", 502],
    ["INTERNAL", "FAILED", 502],
  ] as const) {
    test(`${status} for ${code}, in the head and in the body`, () => {
      const answer = monitorAnswer(failed(code, { state }), VIEW);
      assert.equal(answer.status, status);
      const { error } = JSON.parse(String(answer.body)) as { error: { code: number; status: string } };
      assert.deepEqual([error.code, error.status], [status, code]);
    });
  }

  test("has the status of an answer that was too large to store", () => {
    const info = {
      "@type": "type.googleapis.com/google.rpc.ErrorInfo",
      reason: "RESPONSE_TOO_LARGE",
      domain: "d",
      metadata: { status: "200" },
    };
    const head = {
      "@type": "type.googleapis.com/google.protobuf.Struct",
      value: { status: 200, headers: [["x-a", "1"]] },
    };
    const error = { code: "FAILED_PRECONDITION", message: "no", details: [info, head] } as const;
    const answer = monitorAnswer(failed("FAILED_PRECONDITION", { error }), VIEW);
    assert.equal(answer.status, 502);
    assert.equal(headersOf(answer.headers)["AsyncResult"], "200");
    assert.match(String(answer.body), /RESPONSE_TOO_LARGE/);
  });
});

test("accepted() is 202 whatever the state of the operation", () => {
  assert.equal(accepted(failed("CANCELLED", { state: "CANCELLED" }), VIEW).status, 202);
});
