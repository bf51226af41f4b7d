import assert from "node:assert/strict";
import { test } from "node:test";
import type { ClientOperation } from "../../client/index.ts";
import { tookText } from "./operation-table.ts";

const operation = (metadata: ClientOperation["metadata"]): ClientOperation => ({
  name: "operations/a",
  done: false,
  metadata,
  response: null,
  error: null,
});

test("tookText() counts from the first attempt to the end, or to now", () => {
  const [startTime, endTime] = ["2026-01-01T00:00:00Z", "2026-01-01T00:00:22.5Z"];
  const now = Date.parse(startTime) + 600_000;
  assert.equal(tookText(operation({}), now), "");
  assert.equal(tookText(operation({ startTime }), now), "10 min");
  assert.equal(tookText(operation({ startTime, endTime }), now), "22 s");
  assert.equal(tookText(operation({ startTime }), now - 700_000), "0 s", "a clock that is behind");
  assert.equal(tookText(operation({ startTime: "yesterday" }), now), "");
});
