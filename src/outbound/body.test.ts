import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { systemClock } from "../core/ports/clock.ts";
import { readBody } from "./body.ts";
import { type Answering, Receiver } from "./receiver.suite.ts";
import { Sender } from "./sender.ts";

const NEVER = new AbortController().signal;

/** What is read of an answer. */
async function readOf(answering: Answering, bytesMax: number, signal = NEVER) {
  await using receiver = await Receiver.open();
  receiver.answer = answering;
  const sender = new Sender({ clock: systemClock, userAgent: "test" });
  try {
    const response = await sender.send(new URL(receiver.url), { headers: {} }, { signal: NEVER });
    const { bytes, isCut } = await readBody(response, bytesMax, signal);
    return { text: bytes.toString(), isCut };
  } finally {
    sender.close();
  }
}

suite("the body of an answer", () => {
  test("is read whole up to the limit", async () => {
    const read = await readOf((response) => void response.end("12345678"), 8);
    assert.deepEqual(read, { text: "12345678", isCut: false });
  });

  test("is cut after it, and the connection closed", async () => {
    const closed = Promise.withResolvers<boolean>();
    const long: Answering = (response) => {
      response.once("close", () => closed.resolve(response.writableFinished));
      response.end("x".repeat(32_000_000));
    };
    assert.deepEqual(await readOf(long, 8), { text: "xxxxxxxx", isCut: true });
    assert.equal(await closed.promise, false);
  });

  test("is not read on after an abort", async () => {
    const controller = new AbortController();
    const reason = new Error("enough");
    const begun: Answering = (response) => void response.write("1", () => controller.abort(reason));
    await assert.rejects(readOf(begun, 8, controller.signal), reason);
  });

  test("is an error if it ends early", async () => {
    const read = readOf((response) => {
      response.writeHead(200, { "content-length": "8" });
      response.write("1", () => response.socket?.resetAndDestroy());
    }, 8);
    await assert.rejects(read, { code: "ECONNRESET" });
  });
});
