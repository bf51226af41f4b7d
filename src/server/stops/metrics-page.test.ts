import assert from "node:assert/strict";
import type { IncomingMessage } from "node:http";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { metricsPage } from "./metrics-page.ts";

const asking = (accepted?: string): IncomingMessage =>
  ({ headers: accepted === undefined ? {} : { "accept-encoding": accepted } }) as unknown as IncomingMessage;

test("metricsPage() answers with the current values, compressed for clients that prefer it, and never cached", async () => {
  let shown = 0;
  const page = metricsPage(async () => `shown ${++shown}\n`);
  const plain = await page(asking(), "");
  assert.deepEqual([plain.status, plain.body], [200, "shown 1\n"]);
  assert.equal(plain.headers["cache-control"], "no-store");
  const packed = await page(asking("gzip"), "");
  assert.equal(packed.headers["content-encoding"], "gzip");
  assert.equal(gunzipSync(packed.body).toString(), "shown 2\n");
});
