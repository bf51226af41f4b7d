import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { suite, test } from "node:test";
import { migratedDatabase } from "../support/migrated.ts";
import { postgresForTests } from "../support/postgres.ts";
import { startServerProcess } from "../support/server-process.ts";
import type { ReadSpan } from "./otlp-reader.ts";
import { type OtlpReceiver, startOtlpReceiver } from "./otlp-receiver.ts";

const FILE = fileURLToPath(new URL("traced-methods.ts", import.meta.url));
const TRACE = "0af7651916cd43dd8448eb211c80319c";
const CALLER = "b7ad6b7169203331";

const environment = (receiver: OtlpReceiver, name: string, more: Record<string, string> = {}) => ({
  OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
  OTEL_SERVICE_NAME: name,
  OTEL_BSP_SCHEDULE_DELAY: "50",
  OTEL_METRIC_EXPORT_INTERVAL: "200",
  OTEL_METRIC_EXPORT_TIMEOUT: "200",
  ...more,
});

interface Answer {
  readonly name: string;
  readonly response?: { readonly value?: { readonly traceId: string; readonly spanId: string } };
}

/** Starts an operation within a trace, and waits for its end. */
async function run(url: string): Promise<Answer> {
  const headers = { "content-type": "application/json", traceparent: `00-${TRACE}-${CALLER}-01` };
  const started = await fetch(`${url}/v1:flaky`, { method: "POST", headers, body: "{}" });
  const { name } = (await started.json()) as Answer;
  const waited = await fetch(`${url}/v1/${name}:wait`, { method: "POST", body: "{}" });
  return (await waited.json()) as Answer;
}

const CALL = "POST /v1/{parent=**}:{method}";

/** Whether all spans have arrived: spans that end at the same time may be sent separately. */
const isDone = ({ spans }: Pick<OtlpReceiver, "spans">): boolean =>
  spans.filter(({ name }) => name === "run flaky").length === 2 &&
  ["start flaky", CALL].every((each) => spans.some(({ name }) => name === each));

/** A trace from the caller's request through the stored operation to both attempts. */
function assertTrace(spans: readonly ReadSpan[], answer: Answer): void {
  const one = (name: string): ReadSpan => {
    const found = spans.filter((span) => span.name === name);
    assert.equal(found.length, 1, name);
    return found[0] as ReadSpan;
  };
  const call = one(CALL);
  assert.deepEqual([call.kind, call.traceId, call.parentSpanId], [2, TRACE, CALLER]);
  assert.equal(call.attributes["http.route"], "/v1/{parent=**}:{method}");
  assert.equal(call.attributes["http.response.status_code"], "200");
  assert.equal(call.attributes["url.path"], "/v1:flaky");
  const start = one("start flaky");
  assert.deepEqual([start.kind, start.traceId, start.parentSpanId], [4, TRACE, call.spanId]);
  assert.equal(start.attributes["messaging.message.id"], answer.name);
  const attempts = spans
    .filter(({ name }) => name === "run flaky")
    .toSorted(
      (a, b) => Number(a.attributes["longrunning.attempt"]) - Number(b.attributes["longrunning.attempt"]),
    );
  assert.deepEqual(
    attempts.map(({ kind, parentSpanId, links }) => ({ kind, parentSpanId, links })),
    attempts.map(() => ({
      kind: 5,
      parentSpanId: "",
      links: [{ traceId: TRACE, spanId: start.spanId }],
    })),
  );
  const [first, second] = attempts as [ReadSpan, ReadSpan];
  assert.equal(new Set([TRACE, first.traceId, second.traceId]).size, 3, "an attempt is a trace of its own");
  assert.deepEqual(
    [first.status, first.events, first.attributes["longrunning.attempt.outcome"]],
    [2, ["exception"], "failed"],
  );
  assert.deepEqual([second.status, second.attributes["longrunning.attempt.outcome"]], [0, "completed"]);
  for (const { attributes } of attempts) assert.equal(attributes["messaging.message.id"], answer.name);
  const { traceId, spanId } = second;
  assert.deepEqual(
    answer.response?.value,
    { traceId, spanId },
    "the handler is within the span of its attempt",
  );
}

suite("--otlp", () => {
  test("traces a call through the stored operation to both attempts, on SQLite", async () => {
    const folder = mkdtempSync(join(tmpdir(), "longrunning-otlp-"));
    await using receiver = await startOtlpReceiver();
    await using server = await startServerProcess({
      file: FILE,
      store: `sqlite:${join(folder, "operations.db")}`,
      flags: ["--otlp", "--name", "archive"],
      environment: { ...environment(receiver, ""), OTEL_SERVICE_NAME: "" },
    });
    const answer = await run(server.url);
    await receiver.until(isDone);
    assertTrace(receiver.spans, answer);
    assert.deepEqual([...new Set(receiver.spans.map(({ service }) => service))], ["archive"]);
    // Metrics of both kinds, and gauges.
    const of = (name: string) => receiver.metrics.findLast((metric) => metric.name === name)?.points ?? [];
    await receiver.until(
      () => of("longrunning.operations.finished").length > 0 && of("longrunning.slots.limit").length > 0,
    );
    assert.deepEqual(of("longrunning.operations.finished"), [
      { attributes: { method: "flaky", state: "SUCCEEDED" }, value: 1 },
    ]);
    assert.equal(of("longrunning.slots.limit")[0]?.value, 64);
    assert.equal(of("longrunning.attempt.duration").length, 2);
    assert.deepEqual([...receiver.types], ["application/x-protobuf"]);
    // Unsent spans are sent when the process ends.
    const last = await run(server.url);
    assert.equal(await server.end("SIGTERM"), 0);
    assert.ok(
      receiver.spans.some(
        ({ name, attributes }) => name === "start flaky" && attributes["messaging.message.id"] === last.name,
      ),
    );
    rmSync(folder, { recursive: true });
  });

  test("traces across an API process and a worker process on PostgreSQL", async () => {
    const postgres = await postgresForTests();
    const store = await migratedDatabase(postgres);
    await using receiver = await startOtlpReceiver();
    const json = { OTEL_EXPORTER_OTLP_PROTOCOL: "http/json" };
    const started = (role: string) =>
      startServerProcess({
        file: FILE,
        store,
        flags: ["--otlp", "--role", role],
        environment: environment(receiver, role, json),
      });
    await using api = await started("api");
    await using worker = await started("worker");
    assert.equal(worker.url, "");
    const answer = await run(api.url);
    await receiver.until(isDone);
    assertTrace(receiver.spans, answer);
    const services = (name: string): string[] =>
      receiver.spans.filter((span) => span.name === name).map(({ service }) => service);
    assert.deepEqual([services("start flaky"), services("run flaky")], [["api"], ["worker", "worker"]]);
    assert.deepEqual([...receiver.types], ["application/json"]);
  });

  test("continues without a receiver, and says so once", async () => {
    await using receiver = await startOtlpReceiver();
    const { url } = receiver;
    await receiver[Symbol.asyncDispose]();
    const told = Promise.withResolvers<void>();
    await using server = await startServerProcess({
      file: FILE,
      store: "sqlite::memory:",
      flags: ["--otlp"],
      environment: {
        OTEL_EXPORTER_OTLP_ENDPOINT: url,
        OTEL_EXPORTER_OTLP_TIMEOUT: "500",
        OTEL_BSP_SCHEDULE_DELAY: "50",
      },
      onLog: (log) => {
        if (log.includes("telemetry cannot be sent")) told.resolve();
      },
    });
    await run(server.url);
    await told.promise;
    await run(server.url);
    assert.equal(await server.end("SIGTERM"), 0);
    assert.equal(server.log().split("telemetry cannot be sent").length, 2, server.log());
  });
});
