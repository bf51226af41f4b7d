import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { serviceError } from "../../core/error/error.ts";
import type { TracedCall } from "../../core/ports/tracing.ts";
import { readTraceContext } from "../../core/trace-context.ts";
import { anOperation } from "../../testing/an-operation.ts";
import { registerProviders } from "./registered.suite.ts";
import { OpenTelemetryTracing } from "./tracing.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const TRACEPARENT = `00-${TRACE}-b7ad6b7169203331-01`;
const ATTEMPT = { operation: "operations/o", method: "m", attempt: 2 };

const httpCall = (more: Partial<TracedCall> = {}): TracedCall =>
  ({
    kind: "http",
    method: "GET",
    path: "/v1/operations/o",
    scheme: "http",
    headers: {},
    ...more,
  }) as TracedCall;

suite("OpenTelemetryTracing", () => {
  test("begins calls below their callers, and names them by their routes", async () => {
    await using registered = registerProviders();
    const tracing = new OpenTelemetryTracing({ attemptSpans: "link" });
    const headers = { traceparent: TRACEPARENT, tracestate: "a=1", host: "archive.example:8080" };
    const span = tracing.call(httpCall({ headers }));
    span?.within(() => assert.equal(trace.getActiveSpan()?.spanContext().traceId, TRACE));
    span?.end({ kind: "http", status: 503, route: "/v1/{name=**/operations/*}" });
    const grpc = tracing.call({ kind: "grpc", rpc: "a.B/C", headers: {} });
    grpc?.end({ kind: "grpc", code: "NOT_FOUND" });
    const [first, second] = registered.spans();
    assert.deepEqual(
      [first?.name, first?.kind, first?.parentSpanContext?.spanId, first?.status.code],
      ["GET /v1/{name=**/operations/*}", SpanKind.SERVER, "b7ad6b7169203331", SpanStatusCode.ERROR],
    );
    assert.deepEqual(first?.attributes, {
      "http.request.method": "GET",
      "url.path": "/v1/operations/o",
      "url.scheme": "http",
      "server.address": "archive.example",
      "server.port": 8080,
      "http.response.status_code": 503,
      "http.route": "/v1/{name=**/operations/*}",
      "error.type": "503",
    });
    assert.deepEqual([second?.name, second?.status.code], ["a.B/C", SpanStatusCode.UNSET]);
    assert.deepEqual(second?.attributes, {
      "rpc.system.name": "grpc",
      "rpc.method": "a.B/C",
      "rpc.status_code": "NOT_FOUND",
    });
  });

  test("leaves a call to an instrumentation that has already begun a span for it", async () => {
    await using registered = registerProviders();
    const tracing = new OpenTelemetryTracing({ attemptSpans: "link" });
    trace.getTracer("theirs").startActiveSpan("GET", (span) => {
      assert.equal(tracing.call(httpCall()), undefined);
      span.end();
    });
    assert.deepEqual(
      registered.spans().map(({ name }) => name),
      ["GET"],
    );
  });

  test("gives a start the trace for its operation to keep, and attempts are linked to it", async () => {
    await using registered = registerProviders();
    const tracing = new OpenTelemetryTracing({ attemptSpans: "link" });
    let kept: string | null = null;
    await tracing.start("m", async (traceContext) => {
      kept = traceContext;
      return anOperation();
    });
    const attempt = tracing.attempt(ATTEMPT, { traceContext: kept });
    attempt.within(() => {
      const { traceId, spanId } = trace.getActiveSpan()?.spanContext() ?? {};
      assert.deepEqual(
        [traceId, spanId],
        Object.values(readTraceContext(attempt.traceContext) ?? {}).slice(0, 2),
      );
    });
    attempt.fail({ code: "UNKNOWN", message: "m", exception: "RangeError: no\n    at x" });
    attempt.end("failed");
    const [start, run] = registered.spans();
    assert.equal(start?.kind, SpanKind.PRODUCER);
    assert.equal(readTraceContext(kept)?.spanId, start?.spanContext().spanId);
    assert.equal(run?.parentSpanContext, undefined);
    assert.equal(run?.links[0]?.context.spanId, start?.spanContext().spanId);
    assert.deepEqual(run?.events[0]?.attributes, {
      "exception.type": "RangeError",
      "exception.message": "no",
      "exception.stacktrace": "RangeError: no\n    at x",
    });
  });

  test("puts attempts below their start if the setting says so, and makes them roots if no trace was kept", async () => {
    await using registered = registerProviders();
    const tracing = new OpenTelemetryTracing({ attemptSpans: "parent" });
    for (const traceContext of [`${TRACEPARENT} a=1`, null, "no trace context"])
      tracing.attempt(ATTEMPT, { traceContext }).end("completed");
    const [below, ...roots] = registered.spans();
    assert.deepEqual(
      [below?.spanContext().traceId, below?.parentSpanContext?.spanId, below?.links],
      [TRACE, "b7ad6b7169203331", []],
    );
    assert.equal(below?.parentSpanContext?.traceState?.get("a"), "1");
    for (const root of roots) assert.deepEqual([root.parentSpanContext, root.links], [undefined, []]);
  });

  test("records why a start was refused, and passes the refusal on", async () => {
    await using registered = registerProviders();
    const tracing = new OpenTelemetryTracing({ attemptSpans: "link" });
    const refusal = serviceError("SHUTTING_DOWN", "no");
    await assert.rejects(
      tracing.start("m", () => Promise.reject(refusal)),
      (error) => error === refusal,
    );
    const [start] = registered.spans();
    assert.deepEqual(
      [start?.status.code, start?.attributes["error.type"]],
      [SpanStatusCode.ERROR, "UNAVAILABLE"],
    );
  });

  test("keeps nothing if no provider is registered", async () => {
    const tracing = new OpenTelemetryTracing({ attemptSpans: "link" });
    await tracing.start("m", async (traceContext) => {
      assert.equal(traceContext, null);
      return anOperation();
    });
    assert.equal(tracing.attempt(ATTEMPT, { traceContext: null }).traceContext, null);
  });
});
