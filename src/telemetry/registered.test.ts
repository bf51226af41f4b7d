import assert from "node:assert/strict";
import { test } from "node:test";
import { isRegistered } from "./registered.ts";

test("isRegistered() checks the global state of OpenTelemetry's API, signal by signal", () => {
  const place = { [Symbol.for("opentelemetry.js.api.1")]: { version: "1.10.0", trace: {} } };
  assert.deepEqual([isRegistered("trace", place), isRegistered("metrics", place)], [true, false]);
  assert.equal(isRegistered("trace", {}), false);
});
