import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { describe, it } from "node:test";
import { answerClientError, refuseConnect } from "./broken-request.ts";

describe("answerClientError()", () => {
  it("answers in the form of all errors, and ends the connection", () => {
    const socket = new PassThrough();
    answerClientError({ code: "HPE_HEADER_OVERFLOW" }, socket);
    const text = String(socket.read());
    assert.match(text, /^HTTP\/1\.1 431 [^]*connection: close\r\n\r\n\{[^]*"HEADERS_TOO_LARGE"/);
    assert.equal(socket.writableEnded, true);
  });

  it("writes nothing if the caller has left", () => {
    const socket = new PassThrough();
    answerClientError({ code: "ECONNRESET" }, socket);
    assert.equal(socket.destroyed, true);
    assert.equal(socket.read(), null);
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
