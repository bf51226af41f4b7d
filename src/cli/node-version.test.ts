import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { EXIT } from "./exit.ts";
import { isNodeNewEnough, NODE_MAJOR_MIN } from "./node-version.ts";
import { source } from "./world.suite.ts";

test("the version is compared with that in package.json", () => {
  const text = readFileSync(source("../package.json"), "utf8");
  const { engines } = JSON.parse(text) as { engines: { node: string } };
  assert.equal(engines.node, `>=${NODE_MAJOR_MIN}`);
  assert.deepEqual(["20.20.2", "24.0.0", "100.1.0"].map(isNodeNewEnough), [false, true, true]);
});

test("an old Node is told so before anything is loaded that it does not have", () => {
  // It has no compile cache, and a name that is not there cannot be imported.
  const old = `
    import { registerHooks } from "node:module";
    Object.defineProperty(process.versions, "node", { value: "20.20.2" });
    registerHooks({
      resolve: (specifier, context, next) =>
        specifier === "node:module"
          ? { url: "data:text/javascript,export default {}", shortCircuit: true }
          : next(specifier, context),
    });`;
  const hook = `data:text/javascript,${encodeURIComponent(old)}`;
  const { status, stderr } = spawnSync(process.execPath, ["--import", hook, source("cli/main.ts"), "list"], {
    encoding: "utf8",
  });
  assert.match(stderr, /^error: longrunning needs Node 24 or newer, and this is Node 20\.20\.2\.\nInstall /);
  assert.equal(status, EXIT.refused);
});
