import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { promisify } from "node:util";
import { createClient } from "../src/client/index.ts";
import type { Method } from "../src/core/method/method.ts";
import { startTestServer } from "../src/testing/index.ts";

/**
 * The method and the start of docs/coming-from.md run unchanged, except for addresses and the
 * location of modules.
 */

const page = readFileSync(new URL("../docs/coming-from.md", import.meta.url), "utf8");
const snippet = (language: string): string =>
  new RegExp(`\`\`\`${language}\n([^]*?)\`\`\``).exec(page)?.[1] ?? assert.fail(`no ${language}`);

const folder = mkdtempSync(join(tmpdir(), "longrunning-coming-from-"));
after(() => rmSync(folder, { recursive: true, force: true }));

describe("docs/coming-from.md", () => {
  it("has a method that serves the start that follows it, and a repeated start is the same operation", async () => {
    const code = snippet("ts")
      .replace('"longrunning"', JSON.stringify(new URL("../src/index.ts", import.meta.url).href))
      .replace('"zod"', JSON.stringify(import.meta.resolve("zod")));
    const file = join(folder, "send-mail.ts");
    writeFileSync(file, code);
    const { sendMail } = (await import(file)) as { readonly sendMail: Method };
    await using server = await startTestServer([sendMail]);
    const command = snippet("sh").replace("http://127.0.0.1:8080", server.url);
    const start = async (): Promise<{ readonly name: string }> =>
      JSON.parse((await promisify(execFile)("sh", ["-c", command])).stdout) as { readonly name: string };
    const { name } = await start();
    const client = createClient(server.url);
    assert.deepEqual(await client.result(name), { messageId: `${name} to ada@example.com` });
    assert.equal((await start()).name, name);
  });

  it("links to pages that exist", () => {
    const links = Array.from(page.matchAll(/\]\(([^)#]+)/g), ([, link = ""]) => link);
    assert.ok(links.length > 5);
    for (const link of links) assert.ok(existsSync(new URL(`../docs/${link}`, import.meta.url)), link);
  });
});
