import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const SHIFT = fileURLToPath(new URL("./clock-shift.ts", import.meta.url));

/** Reads the time in every possible way, in the main thread and in a worker thread. */
const PROGRAM = `
  const { Worker, isMainThread } = await import("node:worker_threads");
  const times = 'console.log(Date.now(), new Date().getTime(), new Date(7).getTime(), new Date(2000, 1).getFullYear())';
  (0, eval)(times);
  if (isMainThread) new Worker(times, { eval: true });
`;

test("a process with a shifted clock is an hour off in every thread, and leaves given dates alone", async () => {
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

test("a process whose clock follows a file jumps when the file changes", async (context) => {
  const folder = mkdtempSync(join(tmpdir(), "longrunning-clock-"));
  context.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "clock");
  writeFileSync(file, "86400000");
  const program = `
    const before = Date.now();
    require("node:fs").writeFileSync(${JSON.stringify(file)}, "0");
    const end = performance.now() + 60;
    while (performance.now() < end);
    console.log(before - Date.now());`;
  const { stdout } = await promisify(execFile)(process.execPath, ["--import", SHIFT, "--eval", program], {
    env: { ...process.env, FAULTS_CLOCK_FILE: file },
  });
  assert.ok(Math.abs(Number(stdout) - 86_400_000) < 60_000, stdout);
});
