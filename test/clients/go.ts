import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const FOLDER = fileURLToPath(new URL("./go/", import.meta.url));
const run = promisify(execFile);

/**
 * Builds a program of `go/` and returns its path, or undefined if its modules are not available;
 * then the test is skipped.
 *
 * @param folder the folder of the built program
 */
export async function buildGo(
  t: TestContext,
  go: string,
  program: "credentials" | "redis",
  folder: string,
): Promise<string | undefined> {
  const path = join(folder, program);
  const unreachable = await run(go, ["build", "-o", path, `./${program}`], { cwd: FOLDER }).then(
    () => undefined,
    ({ stderr }: { readonly stderr: string }) => stderr,
  );
  if (unreachable === undefined) return path;
  assert.match(unreachable, /dial tcp|lookup|proxy/, "the program is built wherever its modules can be had");
  t.skip(`Its modules cannot be had: ${unreachable.slice(0, 200)}`);
  return undefined;
}
