import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { createClient } from "../src/client/index.ts";
import type { Method } from "../src/core/method/method.ts";
import { startTestServer } from "../src/testing/index.ts";
import { endWithUs } from "./support/end-with-us.ts";
import { MAIN } from "./support/server-process.ts";

/**
 * The last section of docs/workers.md runs unchanged, except for addresses and the location of
 * modules.
 */

const page = readFileSync(new URL("../docs/workers.md", import.meta.url), "utf8");
const section = page.slice(page.indexOf("## A worker in TypeScript"));
const snippets = (language: string): readonly string[] =>
  Array.from(section.matchAll(new RegExp(`\`\`\`${language}\n([^]*?)\`\`\``, "g")), ([, code = ""]) => code);
const [METHOD = "", PROGRAM = ""] = snippets("ts");
const [COMMAND = ""] = snippets("sh");

const folder = mkdtempSync(join(tmpdir(), "longrunning-workers-"));
after(() => rmSync(folder, { recursive: true, force: true }));
const placed = (code: string): string =>
  code
    .replace('"longrunning/worker"', JSON.stringify(new URL("../src/worker.ts", import.meta.url).href))
    .replace('"zod"', JSON.stringify(import.meta.resolve("zod")));
const file = join(folder, "count-words.ts");
writeFileSync(file, placed(METHOD));
const { countWords } = (await import(file)) as { readonly countWords: Method };

/** Runs a worker until it has finished an operation, and then stops it. @returns its exit code */
async function worked(words: (url: string) => readonly string[]): Promise<number | null> {
  await using server = await startTestServer([countWords], { concurrency: 0 });
  const client = createClient(server.url);
  const node = ["--disable-warning=ExperimentalWarning", ...words(server.url)];
  const worker = spawn(process.execPath, node, { cwd: folder, stdio: ["ignore", "ignore", "inherit"] });
  endWithUs(worker, "SIGKILL");
  const ended = once(worker, "exit") as Promise<[number | null]>;
  const operation = await client.untilDone(await client.start(countWords, { text: "to be or not to be" }));
  assert.deepEqual(operation.response, { words: 6 });
  assert.equal(operation.metadata["percent"], 40);
  worker.kill("SIGTERM");
  return (await ended)[0];
}

describe("a worker in TypeScript, as in docs/workers.md", () => {
  it("is the command with the method's module", async () => {
    const words = COMMAND.trim().split(" ");
    assert.equal(words[0], "longrunning");
    const code = await worked((url) => [
      MAIN,
      ...words.slice(1).map((word) => word.replace(/^http:.*/, url)),
    ]);
    assert.equal(code, 0);
  });

  it("is the program", async () => {
    const program = join(folder, "program.ts");
    const code = await worked((url) => {
      writeFileSync(program, placed(PROGRAM).replace("http://127.0.0.1:8080", url));
      return [program];
    });
    assert.equal(code, 0);
  });
});
