import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { trace } from "@opentelemetry/api";
import type { ReadableSpan } from "@opentelemetry/sdk-trace";
import { z } from "zod";
import { createClient } from "../client/index.ts";
import { defineMethod, openOperations } from "../index.ts";
import { registerProviders } from "../telemetry/opentelemetry/registered.suite.ts";
import { startTestServer } from "../testing/test-server.ts";

const traced = defineMethod({
  name: "traced",
  request: z.object({}),
  response: z.object({ spanId: z.string() }),
  run: async () => {
    await Promise.resolve();
    return { spanId: trace.getActiveSpan()?.spanContext().spanId ?? "" };
  },
});

const one = (spans: readonly ReadableSpan[], name: string): ReadableSpan => {
  const found = spans.filter((span) => span.name === name);
  assert.equal(found.length, 1, `${name} of ${spans.map((span) => span.name).join(", ")}`);
  return found[0] as ReadableSpan;
};

suite("a program with OpenTelemetry of its own", () => {
  test("gets its spans above starts, our spans around handlers, and the metrics", async () => {
    await using registered = registerProviders();
    const operations = await openOperations({ methods: [traced], store: "sqlite::memory:" });
    const caller = trace.getTracer("theirs");
    const { name } = await caller.startActiveSpan("theirs", async (span) => {
      const started = await operations.start(traced, {});
      span.end();
      return started;
    });
    const { response } = await operations.wait(name, { method: traced });
    await operations.stop();
    const spans = registered.spans();
    const [theirs, start, run] = ["theirs", "start traced", "run traced"].map((each) => one(spans, each));
    assert.equal(start?.parentSpanContext?.spanId, theirs?.spanContext().spanId);
    assert.equal(run?.parentSpanContext, undefined);
    assert.equal(run?.links[0]?.context.spanId, start?.spanContext().spanId);
    assert.equal(response?.spanId, run?.spanContext().spanId);
    assert.equal(operations.metrics, undefined, "nothing is shown to Prometheus");
    assert.deepEqual(await registered.points("longrunning.operations.started"), [[{ method: "traced" }, 1]]);
  });

  test("gets calls over REST, including cached answers, and over gRPC, and attempts below starts if the setting says so", async () => {
    await using registered = registerProviders();
    await using server = await startTestServer([traced], { attemptSpans: "parent" });
    const rest = createClient(server.url);
    const { name } = await rest.start(traced, {});
    await rest.wait(name);
    for (const _ of [1, 2]) await rest.get(name);
    const grpc = createClient(server.url.replace("http:", "grpc:"));
    await grpc.start(traced, {});
    grpc.close();
    const spans = registered.spans();
    assert.equal(spans.filter((span) => span.name === "GET /v1/{name=**/operations/*}").length, 2);
    const call = one(spans, "longrunning.v1.Methods/StartOperation");
    const start = spans.find((span) => span.parentSpanContext?.spanId === call.spanContext().spanId);
    assert.equal(start?.name, "start traced");
    const begun = spans.find((span) => span.name === "start traced");
    const run = spans.find((span) => span.name === "run traced");
    assert.equal(run?.parentSpanContext?.spanId, begun?.spanContext().spanId);
    assert.deepEqual(run?.links, []);
  });
});

test("without a provider nothing is traced, and no tracing code is loaded", async () => {
  await using server = await startTestServer([traced], { metrics: false });
  const client = createClient(server.url);
  const { name } = await client.start(traced, {});
  assert.deepEqual((await client.wait(name)).response, { spanId: "" });
});
