import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { trace } from "@opentelemetry/api";
import { silence } from "../../src/core/events.ts";
import { LIMITS } from "../../src/core/limits.ts";
import { startOtlp } from "../../src/telemetry/opentelemetry/otlp.ts";
import { ManualClock, settled } from "../../src/testing/manual-clock.ts";

test("the end of a process waits for the last spans no longer than its limit", async () => {
  const silent = createServer(() => {}).listen(0, "127.0.0.1");
  await once(silent, "listening");
  const { port } = silent.address() as AddressInfo;
  // The exporters read this variable themselves.
  process.env["OTEL_EXPORTER_OTLP_ENDPOINT"] = `http://127.0.0.1:${port}`;
  const clock = new ManualClock();
  const environment = { OTEL_METRICS_EXPORTER: "none" };
  const otlp = await startOtlp({ environment, name: "archive", tell: silence, clock });
  delete process.env["OTEL_EXPORTER_OTLP_ENDPOINT"];
  trace.getTracer("t").startSpan("s").end();
  const received = once(silent, "request");
  const stopped = otlp.stop();
  await received;
  let isOver = false;
  void stopped.then(() => (isOver = true));
  await clock.advance(LIMITS.telemetryFlushMs - 1);
  await settled();
  assert.equal(isOver, false);
  await clock.advance(1);
  await stopped;
  silent.closeAllConnections();
  silent.close();
});
