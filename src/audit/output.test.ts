import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { AuditFile, standardOutput } from "./output.ts";

test("AuditFile appends to a file owned by its user, and continues in a new one after the file was moved away", async () => {
  const folder = mkdtempSync(join(tmpdir(), "audit-"));
  try {
    const path = join(folder, "audit.jsonl");
    const file = await AuditFile.open(path);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    await file.write("a\n");
    renameSync(path, `${path}.1`);
    await file.write("b\n");
    await file.reopen();
    await file.write("c\n");
    await file.close();
    assert.deepEqual(
      [`${path}.1`, path].map((each) => readFileSync(each, "utf8")),
      ["a\nb\n", "c\n"],
    );
    const again = await AuditFile.open(path);
    await again.write("d\n");
    await again.close();
    assert.equal(readFileSync(path, "utf8"), "c\nd\n");
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("AuditFile says which file cannot be opened, and continues in the old one if there cannot be a new one", async () => {
  const folder = mkdtempSync(join(tmpdir(), "audit-"));
  try {
    writeFileSync(join(folder, "file"), "");
    await assert.rejects(
      AuditFile.open(join(folder, "file", "audit.jsonl")),
      /^TypeError: audit: ".*audit\.jsonl" cannot be opened: ENOTDIR/,
    );
    const inner = join(folder, "inner");
    mkdirSync(inner);
    const file = await AuditFile.open(join(inner, "audit.jsonl"));
    renameSync(inner, join(folder, "moved"));
    await assert.rejects(file.reopen(), /ENOENT/);
    await file.write("a\n");
    await file.close();
    assert.equal(readFileSync(join(folder, "moved", "audit.jsonl"), "utf8"), "a\n");
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("standardOutput() resolves when the stream has taken the text, and rejects when it cannot", async () => {
  const taken: unknown[] = [];
  let failure: Error | null = null;
  const output = standardOutput({
    write: (text: unknown, written: unknown) => {
      taken.push(text);
      (written as (error: Error | null) => void)(failure);
      return true;
    },
  });
  await output.write("a\n");
  failure = new Error("EPIPE");
  await assert.rejects(output.write("b\n"), /EPIPE/);
  await output.reopen();
  await output.close();
  assert.deepEqual(taken, ["a\n", "b\n"]);
});
