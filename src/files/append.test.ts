import assert from "node:assert/strict";
import { closeSync, constants, mkdtempSync, openSync, readFileSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { systemClock } from "../core/ports/clock.ts";
import { ManualClock } from "../testing/manual-clock.ts";
import { append, openToAppend } from "./append.ts";
import { FIFOS, makeFifo, using } from "./fifo.suite.ts";

let folder = "";
before(() => {
  folder = mkdtempSync(join(tmpdir(), "lro-append-"));
});
after(() => rmSync(folder, { recursive: true }));

const options = { mode: 0o600, clock: systemClock };

test("a file is created, and continued", async () => {
  const path = join(folder, "file");
  for (const text of ["ü\n", "b\n"]) {
    await using file = await openToAppend(path, options);
    await append(file, text, systemClock);
  }
  assert.equal(readFileSync(path, "utf8"), "ü\nb\n");
  await assert.rejects(openToAppend(folder, options), { code: "EISDIR" });
});

describe("a FIFO", FIFOS, () => {
  test("without a reader is refused after ten seconds", async () => {
    const clock = new ManualClock();
    const path = makeFifo(join(folder, "alone"));
    const { result, paused } = using(clock, (watched) => openToAppend(path, { mode: 0o600, clock: watched }));
    await paused();
    await clock.advance(9_999);
    await paused();
    assert.equal(clock.pending, 1, "it still waits");
    await clock.advance(10);
    const message = /^Error: it is a FIFO, and no program opened it for reading within 10 seconds$/;
    await assert.rejects(result, message);
  });

  test("waits for its reader, when it is opened and when it is full", async () => {
    const clock = new ManualClock();
    const path = makeFifo(join(folder, "slow"));
    const opening = using(clock, (watched) => openToAppend(path, { mode: 0o600, clock: watched }));
    await opening.paused();
    const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    await clock.advance(10);
    await using file = await opening.result;
    const text = "a".repeat(1_000_000);
    const writing = using(clock, (watched) => append(file, text, watched));
    const taken: string[] = [];
    for (let bytes = 0; bytes < text.length; ) {
      await writing.paused();
      await clock.advance(9_990);
      await writing.paused();
      const chunk = Buffer.alloc(text.length);
      for (let read = readNow(reader, chunk); read > 0; read = readNow(reader, chunk)) {
        taken.push(chunk.toString("utf8", 0, read));
        bytes += read;
      }
      await clock.advance(10);
    }
    await writing.result;
    assert.equal(taken.join(""), text);
    closeSync(reader);
  });

  test("that stays full is given up after ten seconds", async () => {
    const clock = new ManualClock();
    const path = makeFifo(join(folder, "full"));
    const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    await using file = await openToAppend(path, options);
    const { result, paused } = using(clock, (watched) => append(file, "a".repeat(1_000_000), watched));
    await paused();
    await clock.advance(10_000);
    await assert.rejects(result, /^Error: its reader has taken nothing for 10 seconds$/);
    closeSync(reader);
  });
});

/** The number of bytes read; 0 if the FIFO is empty. */
function readNow(reader: number, chunk: Buffer): number {
  try {
    return readSync(reader, chunk);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EAGAIN") return 0;
    throw error;
  }
}
