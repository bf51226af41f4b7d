import assert from "node:assert/strict";
import { test } from "node:test";
import { serverFlag } from "./server-flag.ts";

test("serverFlag() is empty for the default server", () => {
  assert.equal(serverFlag("http://127.0.0.1:8080"), "");
  assert.equal(serverFlag("http://h:1"), " --server http://h:1");
});
