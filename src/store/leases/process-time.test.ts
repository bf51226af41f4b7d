import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { processTime } from "./process-time.ts";

test("processTime() is the same clock in every thread", async () => {
  const code = `require("node:worker_threads").parentPort.postMessage(process.hrtime.bigint())`;
  const before = processTime();
  const worker = new Worker(code, { eval: true, execArgv: [] });
  const [there] = await once(worker, "message");
  assert.ok(before < there && there < processTime());
});
