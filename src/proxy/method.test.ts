import assert from "node:assert/strict";
import { test } from "node:test";
import { LIMITS } from "../core/limits.ts";
import { ManualClock } from "../testing/manual-clock.ts";
import { httpRequestMethod, sentAtOnce } from "./method.ts";
import { HTTP_REQUEST } from "./record.ts";
import { Upstream } from "./upstream.ts";

test("httpRequestMethod() tries three times after network failures, and stores answers for a day", () => {
  const upstream = new Upstream("http://127.0.0.1:9");
  const method = httpRequestMethod({
    heapBytesMax: 10 * LIMITS.proxyHeapBytes,
    upstream,
    clock: new ManualClock(),
    patienceMs: 1,
    traceparent: () => undefined,
  });
  assert.equal(method.name, HTTP_REQUEST);
  assert.equal(method.concurrency, 10);
  assert.equal(method.retry.attempts, 3);
  assert.deepEqual([...method.retry.codes], ["UNAVAILABLE"]);
  assert.equal(method.timeToLive.defaultMs, 86_400_000);
  assert.equal(method.target({ method: "GET", target: "/a?b", headers: [], body: "" }), "GET /a");
});

test("a small heap sends one request at a time, and a large one as many as other handlers run", () => {
  assert.equal(sentAtOnce(1), 1);
  assert.equal(sentAtOnce(2 ** 40), LIMITS.concurrency);
});
