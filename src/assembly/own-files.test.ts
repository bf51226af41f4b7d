import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { build } from "esbuild";
import { checkOwnFiles } from "./own-files.ts";

test("checkOwnFiles accepts its own file, as source and as published", () => {
  checkOwnFiles();
  checkOwnFiles("file:///app/node_modules/longrunning/dist/assembly/own-files.js");
});

/** A program that opens each, as a user would bundle it. */
const PROGRAM = `
import { openOperations, serve } from "./index.ts";
import { openWorker } from "./worker.ts";
for (const open of [openOperations, serve, openWorker]) {
  open({ methods: [], store: "sqlite:never.db", port: 0 }).catch((error) => console.log(error.name + ": " + error.message));
}`;
const REQUIRE =
  'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);';

/** The formats of a bundle: the name of the file, and its place in the error. */
const FORMATS = [
  ["esm", "program.mjs", / bundled into file:\/\/.*\/program\.mjs, /],
  ["cjs", "program.cjs", / bundled into another file, /],
] as const;

test("a program bundled into one file is told to leave this package out", async () => {
  const folder = await mkdtemp(join(tmpdir(), "bundled-"));
  try {
    for (const [format, name, into] of FORMATS) {
      const outfile = join(folder, name);
      const resolveDir = join(import.meta.dirname, "..");
      const stdin = { contents: PROGRAM, resolveDir, loader: "ts" } as const;
      const banner = format === "esm" ? { js: REQUIRE } : {};
      const usual = { bundle: true, platform: "node", logLevel: "silent" } as const;
      await build({ ...usual, stdin, banner, outfile, format });
      const { stdout } = await promisify(execFile)(process.execPath, [outfile]);
      const told = stdout.trim().split("\n");
      assert.equal(told.length, 3, stdout);
      for (const line of told) {
        assert.match(line, /^TypeError: .*--external:longrunning/);
        assert.match(line, into);
      }
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});
