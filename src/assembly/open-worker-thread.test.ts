import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { startServerProcess } from "../../test/support/server-process.ts";
import { createClient } from "../client/index.ts";
import { systemClock } from "../core/ports/clock.ts";
import { defineMethod } from "../core/method/method.ts";
import { openWorker } from "./open-worker.ts";

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
