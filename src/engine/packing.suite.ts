import assert from "node:assert/strict";
import { z } from "zod";
import { defineMethod } from "../core/method/method.ts";
import type { Operation } from "../core/operation/operation.ts";
import { STRUCT } from "../core/operation/payload.ts";
import { openTestEngine, type TestEngine, type TestEngineOptions } from "../testing/test-engine.ts";

/** The method that tests of the use cases start, and helpers to end its operations. */
export const pack = defineMethod({
  name: "pack",
  request: z.object({
    directory: z.string(),
    requestId: z.string().optional(),
    validateOnly: z.boolean().optional(),
  }),
  response: z.object({ path: z.string() }),
  deadline: "1h",
  timeToLive: { default: "1d", min: "1m", max: "2d" },
  target: (request) => `directories/${request.directory}`,
  run: () => ({ path: "p" }),
});
export const clean = defineMethod({
  name: "clean",
  request: z.object({ directory: z.string() }),
  run: () => {},
});

export const open = (options: TestEngineOptions = {}): Promise<TestEngine> =>
  openTestEngine([pack, clean], options);
export const request = { directory: "d" };
export const UNKNOWN = "operations/0199aaaa-0000-7000-8000-000000000000";

export async function finish(test: Pick<TestEngine, "engine">, operation: Operation): Promise<void> {
  const claim = { worker: "w", leaseMs: 30_000, limit: 1, wanted: [{ method: operation.method, limit: 1 }] };
  const { operations } = await test.engine.attempts.claim(claim);
  const [claimed] = operations;
  assert.equal(claimed?.id, operation.id);
  if (claimed) await test.engine.attempts.complete(claimed, { type: STRUCT, json: '{"path":"p"}' });
}
