import assert from "node:assert/strict";
import { once } from "node:events";
import { PassThrough } from "node:stream";
import { describe, it } from "node:test";
import { LIMITS } from "../../core/limits.ts";
import { ManualClock } from "../../testing/manual-clock.ts";
import { answerClientError, refuseConnect } from "./broken-request.ts";

describe("answerClientError()", () => {
  it("answers in the form of all errors, and ends the connection", () => {
    const socket = new PassThrough();
    answerClientError({ code: "HPE_HEADER_OVERFLOW" }, socket, new ManualClock());
    const text = String(socket.read());
    assert.match(text, /^HTTP\/1\.1 431 [^]*connection: close\r\n\r\n\{[^]*"HEADERS_TOO_LARGE"/);
    assert.equal(socket.writableEnded, true);
  });

  it("writes nothing if the caller has left", () => {
    const socket = new PassThrough();
    answerClientError({ code: "ECONNRESET" }, socket, new ManualClock());
    assert.equal(socket.destroyed, true);
    assert.equal(socket.read(), null);
  });
});

describe("answerClientError() for a caller that still sends", () => {
  it("discards the rest, and cuts the connection after a while", async () => {
    const clock = new ManualClock();
    const socket = new PassThrough();
    for (let pieces = 0; pieces < 3; pieces++)
      answerClientError({ code: "HPE_INVALID_METHOD" }, socket, clock);
    await clock.advance(LIMITS.unreadBodyMs - 1);
    assert.equal(socket.destroyed, false);
    await clock.advance(1);
    assert.equal(socket.destroyed, true);
  });

  it("leaves no timer when the caller closes", async () => {
    const clock = new ManualClock();
    const socket = new PassThrough();
    answerClientError({ code: "HPE_INVALID_METHOD" }, socket, clock);
    const closed = once(socket, "close");
    socket.destroy();
    await closed;
    assert.equal(clock.pending, 0);
  });
});

describe("refuseConnect()", () => {
  it("says that CONNECT is not supported, and ends the connection", () => {
    const socket = new PassThrough();
    refuseConnect(socket);
    assert.match(String(socket.read()), /^HTTP\/1\.1 405 [^]*\r\nallow: GET, [^]*"METHOD_NOT_ALLOWED"/);
    assert.equal(socket.writableEnded, true);
  });
});
