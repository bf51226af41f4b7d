import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { makeFolder } from "./folder.ts";

test("makeFolder() creates a folder with those above it, and accepts one that exists", (context) => {
  const folder = mkdtempSync(join(tmpdir(), "longrunning-folder-"));
  context.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "a", "b", "c");
  makeFolder(path);
  makeFolder(path);
  assert.ok(statSync(path).isDirectory());
  writeFileSync(join(folder, "file"), "");
  assert.throws(() => makeFolder(join(folder, "file", "below")), { code: "ENOTDIR" });
  symlinkSync(join(folder, "nowhere"), join(folder, "link"));
  assert.throws(() => makeFolder(join(folder, "link")), { code: "EEXIST" });
});

test("makeFolder() ends on a file system that creates no folders", {
  skip: existsSync("/proc/self") ? false : "there is no /proc",
}, () => {
  assert.throws(() => makeFolder("/proc/longrunning/a"), { code: "ENOENT", syscall: "mkdir" });
});
