import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, get, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { describe, it } from "node:test";
import { gunzipSync } from "node:zlib";
import { buffer } from "node:stream/consumers";
import { z } from "zod";
import { createClient } from "../client/index.ts";
import { METRIC_ROWS } from "../telemetry/metrics.ts";
import { expositionName } from "../telemetry/exposition.ts";
import { readExposition, valueOf } from "../telemetry/exposition-reader.suite.ts";
import { startTestServer } from "../testing/test-server.ts";
import { defineMethod, openOperations } from "../index.ts";

const flaky = defineMethod({
  name: "flaky",
  request: z.object({}),
  retry: { attempts: 2, initialDelay: "1ms" },
  run: (_request, { attempt }) => {
    if (attempt === 1) throw new Error("not yet");
  },
});

async function statusOf(url: string): Promise<number> {
  const response = await fetch(url);
  await response.text();
  return response.status;
}

describe("GET /metrics", () => {
  it("has starts, attempts, ends, the store, and calls of both kinds", async () => {
    await using server = await startTestServer([flaky]);
    const client = createClient(server.url);
    const { name } = await client.start(flaky, {});
    await client.wait(name, { timeout: "10s" });
    const grpc = createClient(server.url.replace("http:", "grpc:"));
    await grpc.get(name);
    await assert.rejects(grpc.get("operations/none"));
    grpc.close();
    const response = await fetch(`${server.url}/metrics`);
    assert.equal(response.headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    const shown = await response.text();
    assert.deepEqual(
      [...readExposition(shown).keys()],
      METRIC_ROWS.map(([metric, row]) => expositionName(metric, row)),
    );
    const of = { method: "flaky" };
    assert.equal(valueOf(shown, "longrunning_operations_started_total", of), 1);
    assert.equal(valueOf(shown, "longrunning_operations_finished_total", { ...of, state: "SUCCEEDED" }), 1);
    assert.equal(valueOf(shown, "longrunning_attempts_total", { ...of, outcome: "failed" }), 1);
    assert.equal(valueOf(shown, "longrunning_attempts_total", { ...of, outcome: "completed" }), 1);
    assert.equal(valueOf(shown, "longrunning_attempt_wait_count", of), 2);
    assert.equal(valueOf(shown, "longrunning_slots_limit"), 64);
    assert.equal(valueOf(shown, "longrunning_slots_used"), 0);
    assert.equal(valueOf(shown, "longrunning_waiters"), 0);
    assert.equal(valueOf(shown, "longrunning_operations_pending", of), 0);
    assert.ok((valueOf(shown, "longrunning_store_batch_size_sum", { verb: "write" }) ?? 0) >= 3);
    const started = { http_request_method: "POST", http_route: "/v1/{parent=**}:{method}" };
    assert.equal(valueOf(shown, "http_server_request_duration_count", started), 1);
    const got = { rpc_method: "google.longrunning.Operations/GetOperation" };
    assert.equal(valueOf(shown, "rpc_server_call_duration_count", { ...got, rpc_status_code: "OK" }), 1);
    assert.equal(
      valueOf(shown, "rpc_server_call_duration_count", { ...got, rpc_status_code: "NOT_FOUND" }),
      1,
    );
  });

  it("is compressed for clients that prefer it", async () => {
    await using server = await startTestServer([]);
    const asked = get(`${server.url}/metrics`, { headers: { "accept-encoding": "gzip" }, agent: false });
    const [answer] = (await once(asked, "response")) as [IncomingMessage];
    assert.equal(answer.headers["content-encoding"], "gzip");
    assert.ok(readExposition(gunzipSync(await buffer(answer)).toString()).size > 0);
  });

  it("is served on a loopback address without a proxy, and elsewhere if the setting says so", async () => {
    const cases = [
      [{}, 200],
      [{ metrics: false }, 404],
      [{ publicUrl: "https://archive.example.com" }, 404],
      [{ publicUrl: "https://archive.example.com", metrics: true }, 200],
      [{ host: "0.0.0.0", accessControl: false }, 404],
      [{ host: "0.0.0.0", accessControl: false, metrics: true }, 200],
    ] as const;
    for (const [options, status] of cases) {
      await using server = await startTestServer([], options);
      const url = server.url.replace("0.0.0.0", "127.0.0.1");
      assert.equal(await statusOf(`${url}/metrics`), status, JSON.stringify(options));
      assert.equal(server.operations.metrics === undefined, status === 404);
    }
  });

  it("is served by the listener of a program that asks for it, and by no other", async () => {
    for (const metrics of [true, false]) {
      const operations = await openOperations({ methods: [flaky], store: "sqlite::memory:", metrics });
      const server = createServer(operations.requestListener()).listen(0, "127.0.0.1");
      await once(server, "listening");
      const { port } = server.address() as AddressInfo;
      const asked = get({ port, path: "/metrics", agent: false });
      const [answer] = (await once(asked, "response")) as [IncomingMessage];
      assert.equal(answer.statusCode, metrics ? 200 : 404);
      const shown = await text(answer);
      if (metrics) assert.equal(valueOf(shown, "longrunning_slots_limit"), 64);
      assert.equal(
        (await operations.metrics?.())?.includes("longrunning_slots_limit 64\n"),
        metrics || undefined,
      );
      server.close();
      await operations.stop();
    }
  });
});
