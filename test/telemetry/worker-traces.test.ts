import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { defineMethod, remote } from "../../src/index.ts";
import { startTestServer } from "../../src/testing/index.ts";
import { endWithUs } from "../support/end-with-us.ts";
import { MAIN } from "../support/server-process.ts";
import { startOtlpReceiver } from "./otlp-receiver.ts";

const FILE = fileURLToPath(new URL("traced-methods.ts", import.meta.url));
const TRACE = "0af7651916cd43dd8448eb211c80319c";
const CALLER = "b7ad6b7169203331";

test("the spans of a worker without the store are below the trace of the start", async () => {
  await using receiver = await startOtlpReceiver();
  const flaky = defineMethod({
    name: "flaky",
    request: z.object({}),
    response: z.object({}).loose(),
    run: remote(),
  });
  await using server = await startTestServer([flaky]);
  const flags = ["--server", server.url, "--otlp", "--attempt-spans", "parent"];
  const worker = spawn(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", MAIN, "work", FILE, ...flags],
    {
      stdio: ["ignore", "ignore", "inherit"],
      env: { ...process.env, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_METRICS_EXPORTER: "none" },
    },
  );
  endWithUs(worker, "SIGKILL");
  const headers = { "content-type": "application/json", traceparent: `00-${TRACE}-${CALLER}-01` };
  const started = await fetch(`${server.url}/v1:flaky`, { method: "POST", headers, body: "{}" });
  const { name } = (await started.json()) as { readonly name: string };
  const ended = await server.operations.wait(name, { timeout: "30s" });
  assert.equal(ended.error, null);
  worker.kill("SIGTERM");
  const [code] = (await once(worker, "exit")) as [number];
  assert.equal(code, 0);
  const runs = receiver.spans.filter((span) => span.name === "run flaky");
  assert.deepEqual(
    runs.map(({ traceId, parentSpanId }) => [traceId, parentSpanId]),
    [
      [TRACE, CALLER],
      [TRACE, CALLER],
    ],
  );
});
