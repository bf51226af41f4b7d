import { once } from "node:events";
import { run } from "node:test";
import { spec } from "node:test/reporters";
import { globalSetup, globalTeardown } from "./support/before-all.ts";
import { NODE_COMPILE_CACHE } from "./support/compile-cache.ts";
import { filesOfRun, LONG_FILES, LONGER_FILES, PROCESS_FLAGS } from "./support/test-files.ts";

/**
 * `npm test`: one run of Node's test runner. A group of files shares a process, every other file
 * has a process of its own, and all of them share one PostgreSQL. The slowest begin first, so that
 * no processor is idle at the end.
 *
 * `npm run test:long` (`--long`): the files that `npm test` leaves out, and all cases of the files
 * that it cuts short.
 */

/** A run that takes longer is ended, and the runner names the files that were running. */
const RUN_MS = 15 * 60_000;
/** Two more than the processors of a small machine, because some tests wait. */
const PROCESSES = 4;

// Turns on the cache in every process of the run, before that process loads its first module.
process.env["NODE_COMPILE_CACHE"] = NODE_COMPILE_CACHE;

const isLong = process.argv.includes("--long");
if (isLong) process.env["TEST_LONG"] = "yes";
const files = isLong ? [...LONGER_FILES, ...LONG_FILES] : filesOfRun();

await globalSetup();
try {
  const tests = run({
    files,
    concurrency: PROCESSES,
    execArgv: PROCESS_FLAGS,
    signal: AbortSignal.timeout(RUN_MS),
  });
  tests.on("test:summary", ({ success }) => {
    if (!success) process.exitCode = 1;
  });
  const printed = tests.compose(new spec());
  printed.pipe(process.stdout);
  await once(printed, "end");
} finally {
  await globalTeardown();
}
