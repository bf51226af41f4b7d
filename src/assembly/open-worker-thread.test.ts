import assert from "node:assert/strict";
import { on, once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { startServerProcess } from "../../test/support/server-process.ts";
import { createClient } from "../client/index.ts";
import { silence } from "../core/events.ts";
import { systemClock } from "../core/ports/clock.ts";
import { defineMethod } from "../core/method/method.ts";
import { openWorker } from "./open-worker.ts";
import { RenewalThread } from "./open-worker-thread.ts";

/** The shortest lease of a server. */
const LEASE_MS = 5_000;

const directory = mkdtempSync(join(tmpdir(), "longrunning-worker-"));
after(() => rmSync(directory, { recursive: true, force: true }));
const file = join(directory, "methods.mjs");
const index = JSON.stringify(fileURLToPath(new URL("../index.ts", import.meta.url)));
writeFileSync(
  file,
  `import { defineMethod } from ${index};
   const request = { "~standard": { version: 1, vendor: "test", validate: (value) => ({ value }) } };
   export const compute = defineMethod({ name: "compute", request, response: request, run: () => ({}) });`,
);

/** Holds the event loop, as a handler that computes does. */
function block(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

test("a handler that blocks the event loop for longer than its lease keeps it, over REST and over gRPC", async () => {
  await using server = await startServerProcess({
    file,
    store: "sqlite::memory:",
    flags: ["--concurrency", "0"],
  });
  const both = Promise.withResolvers<void>();
  let began = 0;
  const compute = defineMethod({
    name: "compute",
    request: z.object({}),
    response: z.object({ attempt: z.number(), aborted: z.boolean() }),
    async run(_request, { attempt, signal }) {
      // A single handler blocks the renewals of both workers.
      if (++began === 2) {
        block(LEASE_MS + 500);
        both.resolve();
      }
      await both.promise;
      // The timers delayed by the blocked loop fire now, including those of the leases.
      await new Promise<void>((resolve) => void systemClock.after(0, resolve));
      return { attempt, aborted: signal.aborted };
    },
  });
  const workers = await Promise.all(
    [server.url, server.url.replace("http", "grpc")].map((url) =>
      openWorker({ server: url, methods: [compute], concurrency: 1, lease: `${LEASE_MS}ms` }),
    ),
  );
  after(() => Promise.all(workers.map((worker) => worker.stop({ drain: "0s" }))));
  const client = createClient(server.url);
  const operations = [await client.start("compute", {}), await client.start("compute", {})];
  for (const operation of operations)
    assert.deepEqual(await client.result(operation), { attempt: 1, aborted: false });
  await Promise.all(workers.map((worker) => worker.stop()));
  assert.equal(began, 2);
});

test("the thread renews a lease that arrives after it went to sleep", async () => {
  const server = createServer();
  const requests = on(server, "request");
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  const thread = new RenewalThread({
    data: { server: `http://127.0.0.1:${port}`, headers: {}, ca: "" },
    clock: systemClock,
    tell: silence,
    hear: () => assert.fail("nothing is renewed"),
  });
  const asked = async (id: string): Promise<void> => {
    const lease = { id, attempt: 1, name: `operations/${id}`, token: "t", leftMs: 1 };
    thread.keep(lease, LEASE_MS);
    for (let body = ""; !body.includes(lease.name); ) {
      const { value } = (await requests.next()) as { value: [IncomingMessage, ServerResponse] };
      body = await text(value[0]);
      value[1].writeHead(503).end();
    }
    thread.letGo(lease);
  };
  await thread.ready();
  await asked("a");
  while (thread.isAwake) await new Promise<void>((resolve) => systemClock.soon(resolve));
  await asked("b");
  await thread.close();
  server.closeAllConnections();
  server.close();
});
