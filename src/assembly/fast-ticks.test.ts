import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** Tells at the end of a process how many entries of the queue were never collected. */
const COUNTER = `data:text/javascript,
import { createHook } from "node:async_hooks";
const entries = [];
const init = (id, type, trigger, resource) => type === "TickObject" && entries.push(new WeakRef(resource));
createHook({ init }).enable();
process.on("exit", () => {
  gc();
  process.stderr.write("kept: " + entries.filter((each) => each.deref() !== undefined).length);
});`;

test("the program keeps one entry of the queue of ticks from its start", async () => {
  const program = fileURLToPath(new URL("../cli/main.ts", import.meta.url));
  const words = ["--expose-gc", "--import", COUNTER, program, "--version"];
  const { stderr } = await promisify(execFile)(process.execPath, words);
  assert.match(stderr, /kept: 1$/);
});
