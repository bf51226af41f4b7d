import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { startPostgres } from "../../test/support/postgres.ts";

/**
 * A user's program that opens operations; `then` is its code after that. None of its own timers
 * keeps it alive.
 */
function program(options: string, then: string): ChildProcess {
  const source = `
    const { openOperations } = await import(${JSON.stringify(new URL("open.ts", import.meta.url).href)});
    const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms).unref());
    const operations = await openOperations({ methods: [], ${options} });
    ${then}`;
  return spawn(process.execPath, ["--input-type=module", "-e", source], {
    stdio: ["ignore", "pipe", "ignore"],
  });
}

/** The program's output and exit code. */
async function outcome(child: ChildProcess): Promise<readonly unknown[]> {
  assert.ok(child.stdout);
  const [printed, [code]] = await Promise.all([text(child.stdout), once(child, "exit")]);
  return [printed, code];
}

const STOPPED_LATER = 'await pause(150); console.log("alive"); await operations.stop();';

for (const options of ["", "worker: false", "callers: false", "worker: false, callers: false"]) {
  test(`an opened service keeps its process alive until it is stopped, and no longer: { ${options} }`, async () => {
    const child = program(`store: "sqlite::memory:", ${options}`, STOPPED_LATER);
    assert.deepEqual(await outcome(child), ["alive\n", 0]);
  });
}

test("a service that could not be opened keeps no process alive", async () => {
  const child = program('store: "sqlite:/"', "");
  const [, code] = await outcome(child);
  assert.equal(code, 1);
});

test("a worker stays alive while its database is unavailable", async () => {
  await using server = await startPostgres({ fsync: "off" });
  const store = JSON.stringify(await server.createDatabase());
  const child = program(
    `store: ${store}, callers: false`,
    `console.log("open");
    for (;;) if ((await operations.list().catch((error) => error)).code === "UNAVAILABLE") break; else await pause(10);
    await pause(300);
    console.log("alive");
    await operations.stop();`,
  );
  assert.ok(child.stdout);
  const ended = outcome(child);
  await once(child.stdout, "data");
  await server.stop();
  assert.deepEqual(await ended, ["open\nalive\n", 0]);
});
