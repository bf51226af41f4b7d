import { flushCompileCache } from "node:module";
import { basename, resolve } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { filesOfGroup } from "./test-files.ts";

/** A file that takes longer hangs. Each of its tests has the runner's timeout. */
const FILE_MS = 300_000;

/**
 * Runs the test files of a group in this process, one after the other. Each file is a test around
 * its own tests, so its hooks apply to these alone, and its `after` hooks finish before the next
 * file is loaded.
 *
 * @param path of the group's file in `test/groups`; its name is that of the group
 */
export function runTogether(path: string): void {
  for (const file of filesOfGroup(basename(path, ".ts"))) {
    const address = pathToFileURL(resolve(file)).href;
    void test(file, { timeout: FILE_MS }, async () => {
      await import(address);
      // Processes that start before this one ends need not compile the same modules again.
      flushCompileCache();
    });
  }
}
