import assert from "node:assert/strict";
import { once } from "node:events";
import { connect as connectHttp2 } from "node:http2";
import { request } from "node:https";
import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { suite, test } from "node:test";
import { silence } from "../../core/events.ts";
import { LIMITS } from "../../core/limits.ts";
import { ManualClock, settled } from "../../testing/manual-clock.ts";
import { FIRST_PAIR, SECOND_PAIR } from "./certificates.suite.ts";
import type { Http2Connections } from "./connections.ts";
import { listen, type Listening, type ListenOptions } from "./listen.ts";

const PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/** Accepts HTTP/2 connections and does nothing with them. */
class Kept implements Http2Connections {
  readonly sockets: Socket[] = [];
  closed = false;

  take(socket: Socket): void {
    this.sockets.push(socket);
  }
  close(): void {
    this.closed = true;
  }
}

async function opened(
  options: Partial<ListenOptions> = {},
): Promise<Listening & { readonly kept: Kept; readonly clock: ManualClock }> {
  const kept = new Kept();
  const clock = new ManualClock();
  const listening = await listen((_, response) => void response.end("hello"), {
    host: "127.0.0.1",
    port: 0,
    tell: silence,
    clock,
    http2: kept,
    ...options,
  });
  return { ...listening, kept, clock };
}

function dial(port: number): { readonly socket: Socket; readonly received: () => string } {
  const socket = connect(port, "127.0.0.1");
  let received = "";
  socket.setEncoding("latin1").on("data", (text: string) => (received += text));
  socket.on("error", () => {});
  return { socket, received: () => received };
}

async function seen(what: () => boolean): Promise<void> {
  while (!what()) await settled();
}

suite("one port in clear text", () => {
  test("leaves no timer behind if all connections end in time", async () => {
    const server = await opened();
    await server.close({ graceMs: 5 });
    assert.equal(server.clock.pending, 0);
  });

  test("does not keep an ended HTTP/2 connection", async () => {
    const server = await opened();
    const [ended, open] = [dial(server.port), dial(server.port)];
    ended.socket.write(PREFACE);
    await seen(() => server.kept.sockets.length === 1);
    open.socket.write(PREFACE);
    await seen(() => server.kept.sockets.length === 2);
    const [first, second] = server.kept.sockets;
    // As a session does: a connection that is not read does not notice its end.
    first?.resume();
    ended.socket.destroy();
    await seen(() => first?.closed === true);
    let cut = 0;
    if (first !== undefined) first.destroy = () => (cut++, first);
    const closed = server.close({ graceMs: 5 });
    await server.clock.advance(5);
    await closed;
    assert.deepEqual([cut, second?.destroyed], [0, true]);
  });

  test("passes on a connection that begins with the preface of HTTP/2, whole or in pieces", async () => {
    const listening = await opened();
    const { socket } = dial(listening.port);
    for (const letter of "PRI ") {
      socket.write(letter);
      await settled(5);
    }
    socket.write(PREFACE.slice(4));
    await seen(() => listening.kept.sockets.length === 1);
    const [taken] = listening.kept.sockets;
    let came = "";
    taken
      ?.setEncoding("latin1")
      .on("data", (text: string) => (came += text))
      .resume();
    await seen(() => came.length === PREFACE.length);
    assert.equal(came, PREFACE);
    const closed = listening.close({ graceMs: 10 });
    assert.equal(listening.kept.closed, true);
    await listening.clock.advance(10);
    await closed;
  });

  test("serves HTTP/1.1 in pieces, one request after another", async () => {
    const listening = await opened();
    const { socket, received } = dial(listening.port);
    socket.setNoDelay();
    for (let round = 1; round <= 3; round++) {
      for (const piece of ["P", "OST / HTTP/1.1\r\nho", "st: a\r\ncontent-length: 2\r\n\r\n{", "}"]) {
        socket.write(piece);
        await settled(5);
      }
      await seen(() => received().split("hello").length === round + 1);
    }
    await listening.close();
  });

  test("answers a connection that sends nothing, or half a preface, with a timeout", async () => {
    const listening = await opened();
    for (const text of ["", "PRI"]) {
      const { socket, received } = dial(listening.port);
      await once(socket, "connect");
      socket.write(text);
      await seen(() => listening.clock.pending === 1);
      await settled(10);
      const ended = once(socket, "close");
      await listening.clock.advance(LIMITS.headersTimeoutMs);
      await ended;
      assert.match(received(), /^HTTP\/1\.1 \d+ .*REQUEST_TIMED_OUT/s);
      assert.equal(listening.clock.pending, 0);
    }
    await listening.close();
  });

  test("tolerates callers that hang up at once, in each possible way", async () => {
    const listening = await opened();
    for (const text of ["", "P", PREFACE]) {
      for (const end of ["end", "destroy", "resetAndDestroy"] as const) {
        const { socket } = dial(listening.port);
        await once(socket, "connect");
        if (text !== "") socket.write(text);
        socket[end]();
      }
    }
    assert.equal(await (await fetch(`http://127.0.0.1:${listening.port}/`)).text(), "hello");
    const closed = listening.close({ graceMs: 10 });
    await seen(() => listening.clock.pending > 0);
    await listening.clock.advance(10);
    await closed;
  });

  test("closes connections without a request", async () => {
    const listening = await opened();
    const { socket } = dial(listening.port);
    await seen(() => listening.clock.pending === 1);
    const ended = once(socket, "close");
    await listening.close();
    await ended;
    assert.equal(listening.clock.pending, 0);
  });
});

/** The body, and the server's certificate. */
function get(port: number): Promise<{ readonly body: string; readonly certificate: Buffer | undefined }> {
  return new Promise((resolve, reject) => {
    const sent = request({ port, host: "127.0.0.1", agent: false, rejectUnauthorized: false }, (response) => {
      let body = "";
      const socket = response.socket as import("node:tls").TLSSocket;
      const certificate = socket.getPeerX509Certificate()?.raw;
      response.setEncoding("utf8").on("data", (text: string) => (body += text));
      response.on("end", () => resolve({ body, certificate }));
    });
    sent.on("error", reject).end();
  });
}

suite("one port with TLS", () => {
  test("serves HTTP/1.1 to clients that prefer it, and passes on clients that prefer HTTP/2", async () => {
    const listening = await opened({ tls: FIRST_PAIR });
    assert.equal((await get(listening.port)).body, "hello");
    const both = connectTls({
      port: listening.port,
      host: "127.0.0.1",
      ALPNProtocols: ["http/1.1", "h2"],
      rejectUnauthorized: false,
    });
    await once(both, "secureConnect");
    assert.equal(both.alpnProtocol, "http/1.1");
    both.destroy();
    const session = connectHttp2(`https://127.0.0.1:${listening.port}`, { rejectUnauthorized: false });
    session.on("error", () => {});
    await seen(() => listening.kept.sockets.length === 1);
    session.destroy();
    const closed = listening.close({ graceMs: 10 });
    await listening.clock.advance(10);
    await closed;
  });

  test("presents a renewed certificate, and keeps the old one if the new one is invalid", async () => {
    const listening = await opened({ tls: FIRST_PAIR });
    const before = await get(listening.port);
    assert.throws(() => listening.renewTls({ cert: SECOND_PAIR.cert, key: FIRST_PAIR.key }), TypeError);
    assert.deepEqual((await get(listening.port)).certificate, before.certificate);
    listening.renewTls(SECOND_PAIR);
    assert.notDeepEqual((await get(listening.port)).certificate, before.certificate);
    await listening.close();
  });

  test("tolerates clear text and broken handshakes", async () => {
    const listening = await opened({ tls: FIRST_PAIR });
    for (const text of ["GET / HTTP/1.1\r\nhost: a\r\n\r\n", PREFACE, "\x16\x03\x01\x02\x00\x01"]) {
      const { socket, received } = dial(listening.port);
      socket.end(text, "latin1");
      await once(socket, "close");
      assert.doesNotMatch(received(), /HTTP/);
    }
    assert.equal((await get(listening.port)).body, "hello");
    await listening.close();
  });

  test("does not exist if the port was opened without TLS", async () => {
    const listening = await opened();
    assert.throws(() => listening.renewTls(FIRST_PAIR), /without TLS/);
    await listening.close();
  });
});
