import assert from "node:assert/strict";
import { test } from "node:test";
import type { Log } from "../../src/core/ports/log.ts";
import { startTestServer } from "../../src/testing/index.ts";
import { fuzzGrpc } from "../fuzz/grpc.ts";
import { checkHealth } from "../fuzz/health.ts";
import { echo } from "../fuzz/methods.ts";

test("300 hostile calls and connections do no harm (npm run test:fuzz -- --grpc sends 100,000)", async () => {
  const failures: unknown[] = [];
  const error: Log["error"] = (message, fields) => void failures.push([message, fields]);
  const log: Log = { debug: () => {}, info: () => {}, warn: () => {}, error };
  await using server = await startTestServer([echo], { log });
  const { name } = await server.operations.start(echo, { text: "a target" });
  const { problems } = await fuzzGrpc({
    port: Number(new URL(server.url).port),
    seed: 1,
    cases: 300,
    names: [name, "operations/00000000-0000-7000-8000-000000000000"],
  });
  assert.deepEqual(problems, []);
  assert.deepEqual(failures, []);
  await checkHealth(server.url);
});
