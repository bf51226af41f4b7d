import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { factsIn } from "./facts.ts";
import { type ClientResults, pageOf } from "./page.ts";

/** `npm run report:clients`: runs all client tests, and makes docs/clients.md from their facts. */
const ROOT = join(import.meta.dirname, "../../..");

const folder = mkdtempSync(join(tmpdir(), "longrunning-facts-"));
try {
  const env = { ...process.env, CLIENT_FACTS: folder };
  const tests = spawn("npm", ["run", "test:clients"], { cwd: ROOT, env, stdio: "inherit" });
  const [code] = (await once(tests, "exit")) as [number | null];
  if (code === 0) {
    const results: ClientResults = { day: new Date().toISOString().slice(0, 10), facts: factsIn(folder) };
    writeFileSync(join(import.meta.dirname, "results.json"), `${JSON.stringify(results, undefined, 2)}\n`);
    writeFileSync(join(ROOT, "docs/clients.md"), pageOf(results));
  } else {
    console.error("Some tests failed: the page stays as it is.");
    process.exitCode = 1;
  }
} finally {
  rmSync(folder, { recursive: true });
}
