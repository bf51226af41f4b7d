import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { symlinkSync } from "node:fs";
import { test } from "node:test";
import { systemClock } from "../../core/ports/clock.ts";
import { openStore } from "../open.ts";
import { aRunningOperation, put, write } from "../suite/subject.suite.ts";
import { anOperation } from "../../testing/an-operation.ts";
import { aDatabaseFile } from "./a-database.suite.ts";

/**
 * By then the garbage collector would have closed an unreferenced connection and released its lock.
 */
const COLLECT_GARBAGE = `
  (await import("node:v8")).setFlagsFromString("--expose-gc");
  const collect = (await import("node:vm")).runInNewContext("gc");
  for (let turn = 0; turn < 3; turn++) { collect(); await new Promise((resolve) => setImmediate(resolve)); }`;

/** Another process, which opens the file, runs `code` with `store`, and reports when it is done. */
async function another(path: string, code: string): Promise<ChildProcess> {
  const program = `
    const { openStore } = await import(${JSON.stringify(new URL("../open.ts", import.meta.url).href)});
    const store = await openStore(${JSON.stringify(`sqlite:${path}`)});
    ${code}
    console.log("ready");`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", program], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  // At its end everything that it printed has been read, unlike at its exit.
  const ended = once(child, "close").then(([status]) =>
    Promise.reject(new Error(`the other process ended with ${status}`)),
  );
  await Promise.race([once(child.stdout, "data"), ended]);
  // Ignored, unless the test awaits it.
  ended.catch(() => {});
  return child;
}

test("a file that another process serves is refused, can be read, and is free once that process is killed", async (context) => {
  const path = aDatabaseFile(context);
  const running = aRunningOperation(systemClock.now() + 3_600_000);
  const command = JSON.stringify({ verb: "insert", operation: running });
  const child = await another(path, `await store.write(${command}); ${COLLECT_GARBAGE}`);
  context.after(() => child.kill("SIGKILL"));

  const message = new RegExp(`^Cannot open "${path}": another server has it open\\. Stop that server`);
  await assert.rejects(openStore(`sqlite:${path}`), { code: "FAILED_PRECONDITION", message });
  const looking = await openStore(`sqlite:${path}`, { readOnly: true });
  assert.deepEqual(await looking.read(running.id), running);
  await assert.rejects(write(looking, { verb: "purge", limit: 1 }), { code: "FAILED_PRECONDITION" });
  await looking.close();

  child.kill("SIGKILL");
  await once(child, "exit");
  const store = await openStore(`sqlite:${path}`);
  // The dead process's operation is due at once, although its lease had an hour left; nothing else
  // about it changed.
  assert.deepEqual((await store.due({ by: "lease", limit: 10, after: null })).ids, [running.id]);
  const due = await store.read(running.id);
  assert.deepEqual({ ...due, leaseTime: null }, { ...running, leaseTime: null });
  await store.close();
});

test("a file is refused to a second store of the same process, even under another name", async (context) => {
  const path = aDatabaseFile(context);
  const store = await openStore(`sqlite:${path}`);
  symlinkSync(path, `${path}-link`);
  await assert.rejects(openStore(`sqlite:${path}`), { code: "FAILED_PRECONDITION" });
  await assert.rejects(openStore(`sqlite:${path}-link`), { code: "FAILED_PRECONDITION" });
  await put(store, anOperation());
  await store.close();
  await (await openStore(`sqlite:${path}`)).close();
});

test("a process ends by itself once its store is closed", async (context) => {
  const child = await another(aDatabaseFile(context), "await store.close();");
  const [code] = child.exitCode === null ? await once(child, "exit") : [child.exitCode];
  assert.equal(code, 0);
});
