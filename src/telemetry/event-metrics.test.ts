import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { Teller } from "../core/teller.ts";
import { BoundedNames } from "./bounded-names.ts";
import { meterEvents } from "./event-metrics.ts";
import { Exposition } from "./exposition.ts";
import { readExposition, valueOf } from "./exposition-reader.suite.ts";

function metered() {
  const teller = new Teller();
  const exposition = new Exposition();
  const stop = meterEvents(teller, exposition, new BoundedNames(["m"]));
  return { tell: teller.tell, stop, text: () => exposition.text([]) };
}

const facts = { operation: "operations/o", method: "m", attempt: 1 };

suite("meterEvents()", () => {
  test("counts starts and ends, in seconds", () => {
    const { tell, text } = metered();
    tell["operation.started"]?.(facts);
    tell["operation.ended"]?.({ ...facts, state: "FAILED", code: "UNAVAILABLE", durationMs: 2_000 });
    tell["operation.ended"]?.({ ...facts, state: "SUCCEEDED", durationMs: 500 });
    assert.equal(valueOf(text(), "longrunning_operations_started_total", { method: "m" }), 1);
    const finished = "longrunning_operations_finished_total";
    assert.equal(valueOf(text(), finished, { method: "m", state: "FAILED", code: "UNAVAILABLE" }), 1);
    assert.equal(valueOf(text(), finished, { method: "m", state: "SUCCEEDED" }), 1);
    assert.equal(valueOf(text(), "longrunning_operation_duration_sum", { state: "FAILED" }), 2);
  });

  test("counts attempts by outcome, and lost ones when the sweep reports them", () => {
    const { tell, text } = metered();
    for (const how of ["completed", "failed", "released", "refused", "dropped"])
      tell["attempt.ended"]?.({ ...facts, how, durationMs: 250 });
    tell["lease.expired"]?.({ ...facts, worker: "w", how: "worker-lost" });
    for (let count = 0; count < 3; count++)
      tell["lease.expired"]?.({ ...facts, worker: "w", how: "unconfirmed" });
    tell["attempt.claimed"]?.({ ...facts, worker: "w", waitMs: 1_500 });
    const counts = ["completed", "failed", "released", "dropped", "lost", "unconfirmed"].map((outcome) =>
      valueOf(text(), "longrunning_attempts_total", { method: "m", outcome }),
    );
    assert.deepEqual(counts, [1, 1, 1, 2, 1, 3]);
    assert.equal(valueOf(text(), "longrunning_attempt_duration_sum", { outcome: "dropped" }), 0.5);
    assert.equal(valueOf(text(), "longrunning_attempt_wait_sum"), 1.5);
  });

  test("measures the store, with its errors and conflicts", () => {
    const { tell, text } = metered();
    tell["store.batch-ended"]?.({ lane: "insert", count: 20, durationMs: 5 });
    tell["store.batch-ended"]?.({ lane: "insert", count: 3, durationMs: 1, error: new Error("away") });
    tell["operation.contended"]?.(facts);
    assert.equal(valueOf(text(), "longrunning_store_batch_size_sum", { verb: "insert" }), 23);
    assert.equal(valueOf(text(), "longrunning_store_batch_duration_count", { verb: "insert" }), 2);
    assert.equal(valueOf(text(), "longrunning_store_errors_total", { verb: "insert" }), 1);
    assert.equal(valueOf(text(), "longrunning_store_conflicts_total", { method: "m" }), 1);
  });

  test("measures calls by the conventions of OpenTelemetry", () => {
    const { tell, text } = metered();
    const http = { protocol: "http", durationMs: 20 };
    tell["http.ended"]?.({ ...http, method: "GET", route: "/v1/{name=**}/operations", status: 200 });
    tell["http.ended"]?.({ ...http, method: "BREW", status: 503 });
    tell["grpc.ended"]?.({ rpc: "a.B/C", code: "NOT_FOUND", durationMs: 1 });
    tell["grpc.ended"]?.({ rpc: "a.B/C", code: "INTERNAL", durationMs: 1 });
    const { samples = [] } = readExposition(text()).get("http_server_request_duration") ?? {};
    assert.deepEqual(
      samples.filter(({ name }) => name.endsWith("_sum")).map(({ labels, value }) => [labels, value]),
      [
        [
          {
            http_request_method: "GET",
            url_scheme: "http",
            http_response_status_code: "200",
            http_route: "/v1/{name=**}/operations",
          },
          0.02,
        ],
        [
          {
            http_request_method: "_OTHER",
            url_scheme: "http",
            http_response_status_code: "503",
            error_type: "503",
          },
          0.02,
        ],
      ],
    );
    const count = (code: string, error: string | undefined): number | undefined =>
      valueOf(text(), "rpc_server_call_duration_count", {
        rpc_system_name: "grpc",
        rpc_method: "a.B/C",
        rpc_status_code: code,
        ...(error === undefined ? {} : { error_type: error }),
      });
    assert.deepEqual([count("NOT_FOUND", undefined), count("INTERNAL", "INTERNAL")], [1, 1]);
    assert.equal(count("NOT_FOUND", "NOT_FOUND"), undefined);
  });

  test("has a bounded number of series, whatever methods are called", () => {
    const { tell, text } = metered();
    for (let index = 0; index < 3_000; index++) {
      const method = `m${index}\n"`;
      tell["operation.started"]?.({ operation: `operations/${index}`, method });
      tell["http.ended"]?.({ method, protocol: "http", status: 200, durationMs: 1 });
    }
    const families = readExposition(text());
    assert.equal(families.get("longrunning_operations_started_total")?.samples.length, 1_000);
    assert.equal(valueOf(text(), "longrunning_operations_started_total", { method: "other" }), 2_001);
    const http = families.get("http_server_request_duration")?.samples ?? [];
    assert.equal(http.filter(({ name }) => name.endsWith("_count")).length, 1);
    assert.ok(!text().includes("operations/1"), "no name of an operation");
  });

  test("stops, and then receives no further events", () => {
    const { tell, stop } = metered();
    stop();
    assert.deepEqual(
      Object.values(tell).filter((each) => each !== undefined),
      [],
    );
  });
});
