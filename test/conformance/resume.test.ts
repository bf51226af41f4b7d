import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { createClient } from "../../src/client/index.ts";
import { defineMethod } from "../../src/index.ts";
import { startTestServer } from "../../src/testing/index.ts";

const RESUME = fileURLToPath(new URL("./resume.ts", import.meta.url));

for (const scheme of ["http", "grpc"]) {
  test(`updates(name) and result(name) continue in another process, over ${scheme}:`, async () => {
    const seen = Promise.withResolvers<void>();
    const pack = defineMethod({
      name: "pack",
      request: z.object({}),
      response: z.object({ path: z.string() }),
      metadata: z.object({ progressPercent: z.number() }),
      async run(_, { report }) {
        report({ progressPercent: 50 });
        await seen.promise;
        return { path: "/tmp/a.tar" };
      },
    });
    await using server = await startTestServer([pack]);
    const client = createClient(server.url);
    const { name } = await client.start(pack, {}, { parent: "projects/p" });
    client.close();
    const other = spawn(process.execPath, [RESUME, server.url.replace("http", scheme), name], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const told: unknown[] = [];
    for await (const line of createInterface(other.stdout)) {
      told.push(JSON.parse(line));
      if (told.at(-1) === 50) seen.resolve();
    }
    assert.deepEqual(told.at(-1), { path: "/tmp/a.tar" });
    assert.ok(told.includes(50), JSON.stringify(told));
  });
}
