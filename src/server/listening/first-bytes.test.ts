import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import { describe, it } from "node:test";
import { LIMITS } from "../../core/limits.ts";
import { ManualClock, settled } from "../../testing/manual-clock.ts";
import { FirstBytes } from "./first-bytes.ts";

/**
 * Sends the pieces over a connection, and returns the protocol that was detected and the bytes that
 * its server reads.
 */
async function looked(...pieces: readonly string[]): Promise<[whose: string, read: string]> {
  const clock = new ManualClock();
  const { promise, resolve } = Promise.withResolvers<[string, string]>();
  const taker = (whose: string) => (socket: Socket) => {
    assert.equal(clock.pending, 0);
    let read = "";
    socket.on("data", (chunk: Buffer) => (read += chunk.toString("latin1"))).resume();
    void settled().then(() => resolve([whose, read]));
  };
  const firstBytes = new FirstBytes(
    { http1: taker("http1"), http2: taker("http2"), late: () => resolve(["late", ""]) },
    clock,
  );
  const socket = new Duplex({ read() {}, write() {} });
  firstBytes.look(socket as Socket);
  for (const piece of pieces) {
    socket.push(Buffer.from(piece, "latin1"));
    await settled();
  }
  await clock.advance(LIMITS.headersTimeoutMs);
  return promise;
}

describe("FirstBytes", () => {
  const preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
  const cases: [sentence: string, pieces: string[], whose: string][] = [
    ["knows HTTP/2 by its preface", [`${preface}more`], "http2"],
    ["knows it in pieces", ["P", "R", "I", " ", "*"], "http2"],
    ["takes everything else for HTTP/1.1", ["GET / HTTP/1.1\r\n"], "http1"],
    ["waits as long as it may be either", ["P", "OST / "], "http1"],
    ["waits as long as it may be either, once more", ["PR", "OPFIND / "], "http1"],
    ["takes a preface of another version for HTTP/1.1", ["PRI * HTTP/3.0"], "http1"],
    ["takes bytes of no protocol for HTTP/1.1", ["\0\xff"], "http1"],
    ["does not wait for ever", ["PRI"], "late"],
    ["does not wait for ever for the first byte", [], "late"],
  ];
  for (const [sentence, pieces, expected] of cases) {
    it(sentence, async () => {
      const [whose, read] = await looked(...pieces);
      assert.equal(whose, expected);
      if (expected !== "late") assert.equal(pieces.join("").startsWith(read), true);
      if (expected !== "late") assert.notEqual(read, "");
    });
  }
});
