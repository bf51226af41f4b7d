import assert from "node:assert/strict";
import { test } from "node:test";
import { startTestServer } from "../testing/test-server.ts";

test("every address of the index is there", async () => {
  await using server = await startTestServer([], { name: "archive" });
  const index = (await (await fetch(server.url)).json()) as Record<string, string>;
  assert.equal(index["name"], "archive");
  const { name: _, ...addresses } = index;
  assert.deepEqual(Object.keys(addresses), [
    "operations",
    "discovery",
    "openapi",
    "livez",
    "readyz",
    "healthz",
    "metrics",
  ]);
  for (const address of Object.values(addresses)) {
    assert.equal((await fetch(new URL(address, `${server.url}/`))).status, 200, address);
  }
  assert.equal(
    (await fetch(server.url, { headers: { accept: "text/html" }, redirect: "manual" })).status,
    200,
  );
});
