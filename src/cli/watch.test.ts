import assert from "node:assert/strict";
import { test } from "node:test";
import { createClient } from "../client/index.ts";
import { serverFlag, watch } from "./watch.ts";
import { aWorld } from "./world.suite.ts";

test("watch() does not hide a failure of the call behind the waiting", async () => {
  using world = aWorld({
    fetch: async () =>
      Response.json({ error: { code: 403, status: "PERMISSION_DENIED", message: "No." } }, { status: 403 }),
  });
  const client = createClient("http://h:1", { fetch: world.io.fetch });
  const options = { server: "http://h:1", output: "text", timeoutMs: undefined } as const;
  await assert.rejects(watch(world.io, client, "operations/x", options), { code: "PERMISSION_DENIED" });
});

test("serverFlag() is for any server but the usual one", () => {
  assert.equal(serverFlag("http://127.0.0.1:8080"), "");
  assert.equal(serverFlag("http://h:1"), " --server http://h:1");
});
