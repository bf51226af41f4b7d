import assert from "node:assert/strict";
import { test } from "node:test";
import { Teller } from "../../core/teller.ts";
import { systemClock } from "../../core/ports/clock.ts";
import { LeaseThread } from "./lease-thread.ts";

/** A thread that runs this code, and the events about it. */
function running(code: string, data: object = {}) {
  const teller = new Teller();
  const told: unknown[] = [];
  teller.watch((...[event, fields]) => void told.push([event, fields]));
  const source = `import { parentPort, workerData } from "node:worker_threads"; ${code}`;
  const entry = new URL(`data:text/javascript,${encodeURIComponent(source)}`);
  return { told, thread: new LeaseThread({ entry, data, clock: systemClock, tell: teller.tell }) };
}

test("the thread gets its data, a table of leases and messages, and ends when it has closed", async () => {
  const { thread, told } = running(
    `const { port, leases, ...data } = workerData;
     if (!(leases instanceof SharedArrayBuffer)) throw new Error("no table");
     parentPort.on("message", (message) => {
       if (message === "close") parentPort.postMessage("closed");
       else port.postMessage({ startedAt: 0, renewed: [], notices: [data, message] });
     });
     parentPort.postMessage({ failed: 3, error: new Error("away") });
     parentPort.postMessage("ready");`,
    { server: "s" },
  );
  await thread.ready();
  const heard = new Promise<unknown>((resolve) => thread.renewals(({ notices }) => resolve(notices)));
  thread.send("headers");
  assert.deepEqual(await heard, [{ server: "s" }, "headers"]);
  await thread.stop();
  assert.deepEqual(told, [["leases.not-renewed", { count: 3, error: new Error("away") }]]);
});

test("nothing waits for a thread that died, and its error is told", async () => {
  const { thread, told } = running(`throw new Error("dead")`);
  await thread.ready();
  await thread.stop();
  assert.deepEqual(told, [["leases.unattended", { error: new Error("dead") }]]);
});
