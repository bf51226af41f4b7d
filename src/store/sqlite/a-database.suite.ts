import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";

/** The path of a database that does not exist yet, in a folder that is removed after the test. */
export function aDatabaseFile(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "longrunning-store-"));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, "operations.db");
}
