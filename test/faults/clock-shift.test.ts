import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const SHIFT = fileURLToPath(new URL("./clock-shift.ts", import.meta.url));

/** Tells the time in all the ways there are, in the main thread and in one more. */
const PROGRAM = `
  const { Worker, isMainThread } = await import("node:worker_threads");
  const times = 'console.log(Date.now(), new Date().getTime(), new Date(7).getTime(), new Date(2000, 1).getFullYear())';
  (0, eval)(times);
  if (isMainThread) new Worker(times, { eval: true });
`;

test("a process whose clock is set off is an hour away in every thread, and knows the dates it is given", async () => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--import", SHIFT, "--input-type=module", "--eval", PROGRAM],
    { env: { ...process.env, FAULTS_CLOCK_SHIFT_MS: "3600000" } },
  );
  const threads = stdout.trim().split("\n");
  assert.equal(threads.length, 2, stdout);
  for (const thread of threads) {
    const [now = 0, date = 0, ...given] = thread.split(" ").map(Number);
    for (const time of [now, date]) assert.ok(Math.abs(time - Date.now() - 3_600_000) < 60_000, thread);
    assert.deepEqual(given, [7, 2000]);
  }
});
