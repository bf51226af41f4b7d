import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { readBytes, readWhole } from "./file.ts";

let folder = "";
before(() => {
  folder = mkdtempSync(join(tmpdir(), "lro-file-"));
});
after(() => rmSync(folder, { recursive: true }));

test("a file is read whole up to the limit, and one byte beyond it", async () => {
  const path = join(folder, "a");
  writeFileSync(path, "abcdef");
  assert.equal(Buffer.from(await readBytes(path, 6)).toString(), "abcdef");
  assert.equal(Buffer.from(await readBytes(path, 4)).toString(), "abcde");
  writeFileSync(path, "");
  assert.equal((await readBytes(path, 4)).length, 0);
});

test("a whole file is refused if it is larger than the limit", async () => {
  const path = join(folder, "whole");
  writeFileSync(path, "abcdef");
  assert.equal(Buffer.from(await readWhole(path, 6)).toString(), "abcdef");
  await assert.rejects(readWhole(path, 5), /^Error: it has more than 5 bytes$/);
});

test("a missing file, a folder, and a device without an end", async () => {
  await assert.rejects(readBytes(join(folder, "none"), 4), { code: "ENOENT" });
  await assert.rejects(readBytes(folder, 4), { code: "EISDIR" });
  if (process.platform === "win32") return;
  assert.equal((await readBytes("/dev/zero", 100_000)).length, 100_001);
  assert.equal((await readBytes("/dev/null", 100_000)).length, 0);
});
