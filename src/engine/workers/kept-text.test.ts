import assert from "node:assert/strict";
import { test } from "node:test";
import { anOperation } from "../../testing/an-operation.ts";
import { keptTextOf } from "./kept-text.ts";
import { struct } from "./workers.suite.ts";

test("the text of a record is its request and its metadata", () => {
  const metadata = struct({ percent: 1 });
  assert.equal(keptTextOf(anOperation({ request: "{}", metadata: null })), 2);
  assert.equal(keptTextOf(anOperation({ request: "{}", metadata })), 2 + metadata.json.length);
});
