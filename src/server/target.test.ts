import assert from "node:assert/strict";
import { test } from "node:test";
import { splitTarget } from "./target.ts";

test("splitTarget() splits a target at its first question mark, and drops an origin", () => {
  assert.deepEqual(splitTarget("/v1/operations"), ["/v1/operations", ""]);
  assert.deepEqual(splitTarget("/a?b=c?d"), ["/a", "b=c?d"]);
  assert.deepEqual(splitTarget("http://a.example:80/livez?verbose"), ["/livez", "verbose"]);
  assert.deepEqual(splitTarget("HTTPS://a?x"), ["", "x"]);
  assert.deepEqual(splitTarget("*"), ["*", ""]);
});
