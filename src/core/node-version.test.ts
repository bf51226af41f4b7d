import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { isNodeNewEnough, NODE_MAJOR_MIN, oldNodeMessage } from "./node-version.ts";

test("the version is compared with that in package.json", () => {
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  const { engines } = JSON.parse(text) as { engines: { node: string } };
  assert.equal(engines.node, `>=${NODE_MAJOR_MIN}`);
  assert.deepEqual(["20.20.2", "24.0.0", "100.1.0"].map(isNodeNewEnough), [false, true, true]);
});

test("the message is one line", () => {
  assert.match(
    oldNodeMessage("20.20.2"),
    /^longrunning needs Node 24 or newer, and this is Node 20\.20\.2\. .+\.$/,
  );
});
