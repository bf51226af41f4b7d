import assert from "node:assert/strict";
import { test } from "node:test";
import { Reads } from "./reads.ts";

test("reads beyond the limit are refused with a time to retry, until one has ended", async () => {
  const reads = new Reads(2);
  const held = Promise.withResolvers<string>();
  const both = [reads.run(() => held.promise), reads.run(() => held.promise)];
  await assert.rejects(
    reads.run(() => Promise.resolve("third")),
    {
      code: "RESOURCE_EXHAUSTED",
      reason: "TOO_MANY_ADMIN_READS",
      details: [{ "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "1s" }],
    },
  );
  held.resolve("read");
  assert.deepEqual(await Promise.all(both), ["read", "read"]);
  await assert.rejects(
    reads.run(() => Promise.reject(new Error("failed"))),
    /failed/,
  );
  const again = [reads.run(() => Promise.resolve(1)), reads.run(() => Promise.resolve(2))];
  assert.deepEqual(await Promise.all(again), [1, 2]);
});
