import assert from "node:assert/strict";
import { test } from "node:test";
import { threadEntry } from "./thread-entry.ts";

test("threadEntry() names the source beside a source, and the published file beside a published one", () => {
  const [source, published] = ["file:///repository/src/store/open.ts", "file:///app/dist/store/open.js"];
  assert.equal(threadEntry("lease", source).href, "file:///repository/src/store/lease-thread-entry.ts");
  assert.equal(threadEntry("lease", published).href, "file:///app/dist/store/lease-thread-entry.js");
});
