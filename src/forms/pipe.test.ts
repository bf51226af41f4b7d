import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { closeSync, constants, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import type { Clock } from "../core/ports/clock.ts";
import { ManualClock } from "../testing/manual-clock.ts";
import { readBytes } from "./file.ts";

const skip = process.platform === "win32" ? "Windows has no FIFO" : false;

/** Begins to read. `paused()` resolves when the reader waits for its clock, or has ended. */
function reading(path: string, clock: ManualClock) {
  let waits = Promise.withResolvers<void>();
  const watched: Clock = {
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    soon: (callback) => clock.soon(callback),
    after: (delayMs, callback) => {
      waits.resolve();
      return clock.after(delayMs, () => {
        waits = Promise.withResolvers();
        callback();
      });
    },
  };
  const bytes = readBytes(path, 100_000, watched);
  const ended = bytes.catch(() => undefined);
  return { bytes, paused: async () => void (await Promise.race([waits.promise, ended])) };
}

describe("a FIFO", { skip }, () => {
  let folder = "";
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "lro-pipe-"));
  });
  after(() => rmSync(folder, { recursive: true }));

  const aFifo = (name: string): string => {
    const path = join(folder, name);
    execFileSync("mkfifo", [path]);
    return path;
  };

  test("without a writer is refused after ten seconds", async () => {
    const clock = new ManualClock();
    const { bytes, paused } = reading(aFifo("alone"), clock);
    await paused();
    await clock.advance(9_999);
    await paused();
    assert.equal(clock.pending, 1, "it still waits");
    await clock.advance(10);
    await assert.rejects(
      bytes,
      /^Error: it is a FIFO, and no program opened it for writing within 10 seconds$/,
    );
  });

  test("is read until its writer closes it, however slow that is", async () => {
    const clock = new ManualClock();
    const path = aFifo("slow");
    const writer = openSync(path, constants.O_RDWR);
    const { bytes, paused } = reading(path, clock);
    for (const text of ["a".repeat(60_000), "b"]) {
      await paused();
      await clock.advance(60_000);
      await paused();
      assert.equal(clock.pending, 1, "it still waits");
      writeSync(writer, text);
    }
    closeSync(writer);
    await clock.advance(10);
    assert.equal(Buffer.from(await bytes).toString(), `${"a".repeat(60_000)}b`);
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
