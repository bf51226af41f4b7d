import assert from "node:assert/strict";
import {
  closeSync,
  constants,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { systemClock } from "../core/ports/clock.ts";
import { FIFOS, makeFifo, using } from "../files/fifo.suite.ts";
import { ManualClock } from "../testing/manual-clock.ts";
import { AuditFile, standardOutput } from "./output.ts";

test("AuditFile appends to a file owned by its user, and continues in a new one after the file was moved away", async () => {
  const folder = mkdtempSync(join(tmpdir(), "audit-"));
  try {
    const path = join(folder, "audit.jsonl");
    const file = await AuditFile.open(path, systemClock);
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
    const again = await AuditFile.open(path, systemClock);
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
      AuditFile.open(join(folder, "file", "audit.jsonl"), systemClock),
      /^TypeError: audit: ".*audit\.jsonl" cannot be opened: ENOTDIR.*\. Give the path of a file/,
    );
    const inner = join(folder, "inner");
    mkdirSync(inner);
    const file = await AuditFile.open(join(inner, "audit.jsonl"), systemClock);
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

test(
  "AuditFile refuses a FIFO that nobody reads, and fails a write that its reader does not take",
  FIFOS,
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "audit-"));
    const path = makeFifo(join(folder, "fifo"));
    const clock = new ManualClock();
    try {
      const opening = using(clock, (watched) => AuditFile.open(path, watched));
      await opening.paused();
      await clock.advance(10_000);
      await assert.rejects(
        opening.result,
        /^TypeError: audit: ".*fifo" cannot be opened: it is a FIFO, and no program /,
      );
      const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
      let file: AuditFile | undefined;
      const writing = using(clock, async (watched) => {
        file = await AuditFile.open(path, watched);
        await file.write("a".repeat(1_000_000));
      });
      await writing.paused();
      await clock.advance(10_000);
      await assert.rejects(writing.result, /its reader has taken nothing/);
      await file?.close();
      closeSync(reader);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
);
