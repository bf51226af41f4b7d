import assert from "node:assert/strict";
import { test } from "node:test";
import { isRegistered } from "./registered.ts";

test("isRegistered() looks at what the API of OpenTelemetry keeps, signal by signal", () => {
  const place = { [Symbol.for("opentelemetry.js.api.1")]: { version: "1.10.0", trace: {} } };
  assert.deepEqual([isRegistered("trace", place), isRegistered("metrics", place)], [true, false]);
  assert.equal(isRegistered("trace", {}), false);
});
