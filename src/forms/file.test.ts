import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { decodeText, readBytes, readWhole } from "./file.ts";

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
  if (process.platform !== "win32") assert.equal((await readBytes("/dev/zero", 100_000)).length, 100_001);
});

test("text is UTF-8, with or without a byte order mark", () => {
  assert.deepEqual(decodeText(Buffer.from("grüße")), { text: "grüße" });
  assert.deepEqual(decodeText(Buffer.from("\ufeffa")), { text: "a" });
  assert.match(message(Buffer.from("\ufeffa", "utf16le")), /^the text is in UTF-16/);
});

test("the first invalid byte is found, after replacement characters that the text contains", () => {
  const bytes = Buffer.concat([
    Buffer.from("ab\ufffd\ncé"),
    Buffer.from([0xff, 0xff]),
    Buffer.from("d\ufffd"),
  ]);
  const decoded = decodeText(bytes);
  assert.match(message(bytes), /^this character is not valid UTF-8/);
  assert.equal("before" in decoded && decoded.before, "ab\ufffd\ncé");
});

function message(bytes: Uint8Array): string {
  const decoded = decodeText(bytes);
  assert.ok("message" in decoded);
  return decoded.message;
}
