import assert from "node:assert/strict";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { firstMessage, onMessage } from "./thread-messages.ts";

const THREAD = `
  const { parentPort } = require("node:worker_threads");
  for (const message of [{ "watch:import": ["a"] }, "one", { "watch:require": ["b"] }, { two: 2 }, null])
    parentPort.postMessage(message);`;

test("onMessage() and firstMessage() ignore what Node sends under --watch", async () => {
  const worker = new Worker(THREAD, { eval: true });
  const { promise: last, resolve } = Promise.withResolvers<void>();
  const messages: unknown[] = [];
  onMessage(worker, (message) => {
    messages.push(message);
    if (message === null) resolve();
  });
  assert.equal(await firstMessage(worker), "one");
  await last;
  assert.deepEqual(messages, ["one", { two: 2 }, null]);
  await worker.terminate();
});

test("firstMessage() rejects with the error of the thread, or with its end", async () => {
  const failing = new Worker('throw new TypeError("a")', { eval: true });
  await assert.rejects(firstMessage(failing), { name: "TypeError", message: "a" });
  const silent = new Worker("process.exit(3)", { eval: true });
  await assert.rejects(firstMessage(silent), /ended with code 3, without a message/);
});
