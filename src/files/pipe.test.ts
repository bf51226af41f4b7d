import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { closeSync, constants, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { ManualClock } from "../testing/manual-clock.ts";
import { FIFOS, makeFifo, using } from "./fifo.suite.ts";
import { readBytes } from "./file.ts";

describe("a FIFO", FIFOS, () => {
  let folder = "";
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "lro-pipe-"));
  });
  after(() => rmSync(folder, { recursive: true }));

  const aFifo = (name: string): string => makeFifo(join(folder, name));

  test("without a writer is refused after ten seconds", async () => {
    const clock = new ManualClock();
    const path = aFifo("alone");
    const { result, paused } = using(clock, (watched) => readBytes(path, 9, watched));
    await paused();
    await clock.advance(9_999);
    await paused();
    assert.equal(clock.pending, 1, "it still waits");
    await clock.advance(10);
    await assert.rejects(
      result,
      /^Error: it is a FIFO, and no program opened it for writing within 10 seconds$/,
    );
  });

  test("is read until its writer closes it, however slow that is", async () => {
    const clock = new ManualClock();
    const path = aFifo("slow");
    const writer = openSync(path, constants.O_RDWR);
    const { result, paused } = using(clock, (watched) => readBytes(path, 100_000, watched));
    for (const text of ["a".repeat(60_000), "b"]) {
      await paused();
      await clock.advance(60_000);
      await paused();
      assert.equal(clock.pending, 1, "it still waits");
      writeSync(writer, text);
    }
    closeSync(writer);
    await clock.advance(10);
    assert.equal(Buffer.from(await result).toString(), `${"a".repeat(60_000)}b`);
  });

  test("is read only up to one byte beyond the limit", async () => {
    const path = aFifo("large");
    const writer = openSync(path, constants.O_RDWR);
    writeSync(writer, "abcdef");
    assert.equal(Buffer.from(await readBytes(path, 4)).toString(), "abcde");
    closeSync(writer);
  });

  test("that the process inherited may be empty", { skip: process.platform !== "linux" }, () => {
    const file = JSON.stringify(new URL("file.ts", import.meta.url).href);
    const script = `const { readBytes } = await import(${file});
      console.log("bytes", (await readBytes("/dev/stdin", 9)).length);`;
    const words = ["--input-type=module", "--eval", script];
    const { stdout } = spawnSync("sh", ["-c", 'true | exec "$0" "$@"', process.execPath, ...words]);
    assert.equal(stdout.toString(), "bytes 0\n");
  });

  test("without a writer does not keep a process from ending", () => {
    const file = JSON.stringify(new URL("file.ts", import.meta.url).href);
    const script = `const { readBytes } = await import(${file});
      const clock = { monotonic: () => 0, after: () => process.exit(3) };
      await readBytes(process.argv[1], 9, clock);`;
    const words = ["--input-type=module", "--eval", script, aFifo("held")];
    assert.equal(spawnSync(process.execPath, words, { timeout: 30_000 }).status, 3);
  });
});
