import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { defineMethod } from "../core/method/method.ts";
import { openTestEngine } from "../testing/test-engine.ts";
import { typedCalls } from "./typed-calls.ts";

test("typedCalls() starts, reads, lists, cancels and deletes the operations of an engine", async () => {
  const method = defineMethod({ name: "archive", request: z.object({ path: z.string() }), run: () => {} });
  await using bench = await openTestEngine([method]);
  const calls = typedCalls(bench.engine.operations);
  const { name, done } = await calls.start(method, { path: "a" });
  assert.equal(done, false);
  const [second] = await calls.startMany([{ method, request: { path: "b" } }]);
  assert.deepEqual(
    (await calls.list()).operations.map((each) => each.name),
    [second?.operation?.name, name],
  );
  await calls.cancel(name);
  assert.equal((await calls.wait(name, { timeout: "1s" })).done, true);
  assert.equal((await calls.get(name)).error?.code, "CANCELLED");
  await calls.delete(name);
  await assert.rejects(calls.get(name), { code: "NOT_FOUND" });
  await assert.rejects(calls.wait(name, { timeout: "soon" as "1s" }), { name: "TypeError" });
});
