import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { startTestServer } from "../testing/test-server.ts";

const status = async (url: string, accept = "*/*"): Promise<number> =>
  (await fetch(url, { headers: { accept }, redirect: "manual" })).status;

test("operators are served by our own server, and by a program's server only if it asks for that", async () => {
  await using served = await startTestServer([]);
  assert.equal(await status(`${served.url}/admin/v1/session`), 200);
  assert.equal(await status(served.url, "text/html"), 302, "people are sent to the page");
  const http = createServer(served.operations.requestListener()).listen(0, "127.0.0.1");
  await once(http, "listening");
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  try {
    assert.equal(await status(`${url}/v1/operations`), 200);
    assert.equal(await status(`${url}/admin/v1/session`), 404);
    assert.equal(await status(url, "text/html"), 200);
  } finally {
    http.closeAllConnections();
    http.close();
  }
});
