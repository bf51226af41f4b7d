import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { source } from "./world.suite.ts";

test("a reader that leaves early is not a failure", () => {
  const node = JSON.stringify(process.execPath);
  const main = JSON.stringify(source("cli/main.ts"));
  const { stderr, stdout } = spawnSync(
    "sh",
    ["-c", `{ ${node} ${main} serve --help; echo $? >&2; } | head -1`],
    { encoding: "utf8" },
  );
  assert.match(stdout, /^Serves the methods/);
  assert.equal(stderr.trim(), "0");
});

test("the program runs as a process and exits with its exit code", () => {
  const { status, stderr } = spawnSync(process.execPath, [source("cli/main.ts"), "strat"], {
    encoding: "utf8",
  });
  assert.equal(status, 2);
  assert.match(stderr, /did you mean "start"/);
});
