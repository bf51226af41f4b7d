import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { LIMITS } from "../core/limits.ts";
import { FIFOS, makeFifo, using } from "../files/fifo.suite.ts";
import { ManualClock } from "../testing/manual-clock.ts";
import { readKey } from "./key-source.ts";

const folder = mkdtempSync(join(tmpdir(), "longrunning-kek-"));
after(() => rmSync(folder, { recursive: true }));
const key = Buffer.from(Array.from({ length: 32 }, (_, index) => index * 8));

function file(content: string | Buffer): string {
  const path = join(folder, "kek");
  writeFileSync(path, content);
  return path;
}

test("a key is read as bytes, in base64 and in hexadecimal digits", async () => {
  const none = { environment: {} };
  for (const content of [key, `${key.toString("base64")}\n`, key.toString("base64url"), key.toString("hex")])
    assert.deepEqual(Buffer.from(await readKey(`file:${file(content)}`, none)), key);
  const environment = { KEY: key.toString("base64") };
  assert.deepEqual(Buffer.from(await readKey("env:KEY", { environment })), key);
  const path = file(key.toString("hex"));
  assert.deepEqual(Buffer.from(await readKey(`exec:cat ${path}`, none)), key);
});

test("an invalid key is refused, without any part of it in the message", async () => {
  for (const content of ["", "secret-secret", key.subarray(1), key.toString("hex").slice(1)]) {
    const refused = readKey(`file:${file(content)}`, { environment: {} });
    await assert.rejects(refused, ({ message }: Error) => {
      assert.match(message, /is not valid: expected 32 bytes/);
      return content === "" || !message.includes(content.toString("latin1").slice(0, 6));
    });
  }
});

test("a command that fails, or writes too much, is reported with its exit code, without its output", async () => {
  const failed = readKey("exec:echo secret; echo secret >&2; exit 3", { environment: {} });
  await assert.rejects(failed, ({ message }: Error) => {
    assert.match(message, /\(code 3\)\. Run the command/);
    return !message.includes("secret\n");
  });
  await assert.rejects(readKey("exec:head -c 5000 /dev/zero", { environment: {} }), /cannot be read/);
});

test("a device without an end is read only up to the limit", {
  skip: process.platform === "win32",
}, async () => {
  const bytes = LIMITS.keyOutputBytesMax + 1;
  await assert.rejects(
    readKey("file:/dev/zero", { environment: {} }),
    new RegExp(`is not valid: expected 32 bytes.* got ${bytes} bytes`),
  );
});

test("a file that cannot be read is reported with the remedy", async () => {
  const refused = readKey(`file:${folder}`, { environment: {} });
  await assert.rejects(
    refused,
    /^TypeError: The key from file:.* cannot be read: EISDIR: .*\. Give the path of a file/,
  );
});

test("a FIFO without a writer is refused after ten seconds", FIFOS, async () => {
  const clock = new ManualClock();
  const path = makeFifo(join(folder, "fifo"));
  const { result, paused } = using(clock, (watched) =>
    readKey(`file:${path}`, { environment: {}, clock: watched }),
  );
  await paused();
  await clock.advance(10_000);
  await assert.rejects(
    result,
    /^TypeError: The key from .* cannot be read: it is a FIFO, and no program .*\. Give/,
  );
});
