import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { createClient } from "../../src/client/index.ts";
import { createArchive } from "../../examples/workers/archive.ts";
import { endWithUs } from "../support/end-with-us.ts";
import { startServerProcess } from "../support/server-process.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const PAGE = readFileSync(join(ROOT, "examples/workers/README.md"), "utf8");
/** The source of a language's modules cannot be reached. */
const UNREACHABLE =
  /dial tcp|lookup|proxy|Could not (?:find|transfer)|was not found in|No matching distribution|Connection|Unknown host/i;

/**
 * A copy of the files that the page of examples/workers describes, with the stubs of a language.
 */
export interface Samples {
  readonly folder: string;
}

/** False for folders of generated files: the commands of the page generate them. */
const isSource = (path: string): boolean => !/\/(?:gen|target)$/.test(path);

/** Copies the sources of the samples to a temporary folder. */
function copySources(): string {
  const folder = mkdtempSync(join(tmpdir(), "longrunning-samples-"));
  after(() => rmSync(folder, { recursive: true, force: true }));
  for (const each of ["examples/workers", "test/workers/programs/go", "proto", "buf.yaml", "package.json"])
    cpSync(join(ROOT, each), join(folder, each), { recursive: true, filter: isSource });
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  return folder;
}

/**
 * Follows examples/workers/README.md for a language: generates the stubs, and declares a test that
 * runs the worker beside the server.
 *
 * @returns nothing if the language's modules are not available here; then a test of this name is
 *   skipped
 */
export async function openSamples(language: string, name: string): Promise<Samples | undefined> {
  const section = PAGE.slice(PAGE.indexOf(`\n## ${language}\n`));
  const [make = "", work = ""] = Array.from(section.matchAll(/```sh\n([^]*?)```/g), ([, code = ""]) => code);
  const folder = copySources();
  const { status, stdout, stderr } = spawnSync("sh", ["-ec", make], {
    cwd: folder,
    encoding: "utf8",
    timeout: 200_000,
  });
  if (status !== 0) {
    // Maven prints its errors to its output.
    const printed = `${stderr}${stdout}`;
    assert.match(printed, UNREACHABLE, "the stubs are made wherever the modules can be had");
    void test(name, { skip: `Its modules cannot be had: ${printed.slice(0, 200)}` });
    return undefined;
  }
  void test(`${name} packs a directory`, { timeout: 90_000 }, async () => {
    const store = `sqlite:${join(folder, "operations.db")}`;
    await using server = await startServerProcess({ file: join(ROOT, "examples/workers/archive.ts"), store });
    const worker = spawn("sh", ["-ec", work.replace("127.0.0.1:8080", new URL(server.url).host)], {
      cwd: folder,
      detached: true,
      stdio: ["ignore", "ignore", "inherit"],
    });
    endWithUs(worker, "SIGKILL");
    const ended = once(worker, "exit");
    try {
      const directory = join(folder, "packed");
      cpSync(join(ROOT, "docs/decisions"), directory, { recursive: true });
      writeFileSync(join(directory, "ä 日本.txt"), "x".repeat(100_000));
      const output = join(folder, "packed.tar.gz");
      const client = createClient(server.url);
      const operation = await client.untilDone(await client.start(createArchive, { directory, output }));
      assert.equal(operation.error, null);
      const response = operation.response as { readonly sha256: string; readonly entryCount: number };
      const listed = execFileSync("tar", ["tzf", output], { encoding: "utf8" }).trim().split("\n");
      assert.equal(listed.length, response.entryCount);
      assert.equal(createHash("sha256").update(readFileSync(output)).digest("hex"), response.sha256);
      assert.equal(operation.metadata["statusMessage"], `Packing ${directory}`);
      const none = await client.untilDone(await client.start(createArchive, { directory: "/nowhere" }));
      assert.equal(none.error?.code, "NOT_FOUND");
    } finally {
      process.kill(-(worker.pid ?? 0), "SIGTERM");
      await ended;
    }
  });
  return { folder };
}
