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
import { MessagePort, Worker as Thread } from "node:worker_threads";
import { z } from "zod";
import { startServerProcess } from "../../test/support/server-process.ts";
import { createClient } from "../client/index.ts";
import { silence } from "../core/events.ts";
import { LIMITS } from "../core/limits.ts";
import { systemClock } from "../core/ports/clock.ts";
import { defineMethod } from "../core/method/method.ts";
import { LeaseThread } from "../store/leases/lease-thread.ts";
import { openWorker } from "./open-worker.ts";

/** The shortest lease of a server. */
const LEASE_MS = 5_000;
/** Operations that end at once. */
const SHORT = 20;

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

test("over REST and gRPC, a handler that blocks the event loop for longer than its lease keeps it, and short ones wake no thread", async (context) => {
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
  const posts = [MessagePort.prototype, Thread.prototype].map(
    (each: { postMessage(message: unknown): void }) => context.mock.method(each, "postMessage").mock,
  );
  for (let each = 0; each < SHORT; each++) await client.result(await client.start("compute", {}));
  const posted = posts.flatMap(({ calls }) => calls.map((call): unknown => call.arguments[0]));
  // On a slow machine, a lease may wake the thread because little of it is left.
  assert.ok(posted.length < SHORT / 2, JSON.stringify(posted));
  await Promise.all(workers.map((worker) => worker.stop()));
  assert.equal(began, 2 + SHORT);
});

test("the thread renews a lease with little time left although it has just looked, and with new headers", async () => {
  const server = createServer();
  const requests = on(server, "request");
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  const thread = new LeaseThread({
    entry: new URL("./open-worker-thread-entry.ts", import.meta.url),
    data: { server: `http://127.0.0.1:${port}`, headers: { "x-of": "start" }, ca: "" },
    clock: systemClock,
    tell: silence,
  });
  await thread.ready();
  const renewals = thread.renewals(() => assert.fail("nothing is renewed"));
  const asked = async (id: string): Promise<unknown> => {
    const lease = { id, attempt: 1, name: `operations/${id}`, token: `token of ${id}` };
    renewals.keep(lease, LIMITS.remoteLeaseMsMax, 1);
    for (;;) {
      const { value } = (await requests.next()) as { value: [IncomingMessage, ServerResponse] };
      const body = await text(value[0]);
      value[1].writeHead(503).end();
      if (!body.includes(lease.name)) continue;
      renewals.letGo(lease);
      assert.ok(body.includes(lease.token), body);
      return value[0].headers["x-of"];
    }
  };
  assert.equal(await asked("a"), "start");
  thread.send({ headers: { "x-of": "now" } });
  assert.equal(await asked("b"), "now");
  renewals.stop();
  await thread.stop();
  server.closeAllConnections();
  server.close();
});
