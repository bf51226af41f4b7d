import assert from "node:assert/strict";
import { test } from "node:test";
import { retryAfterMs } from "./retry-after.ts";

const NOW = Date.UTC(2026, 0, 1);

test("a Retry-After is seconds or a date, and anything else counts as 0", () => {
  assert.equal(retryAfterMs("120", NOW), 120_000);
  assert.equal(retryAfterMs("Thu, 01 Jan 2026 00:01:30 GMT", NOW), 90_000);
  for (const none of [undefined, "", "0", "soon", "-5", "Wed, 31 Dec 2025 00:00:00 GMT", "1e9"])
    assert.equal(retryAfterMs(none, NOW), 0, none);
});
