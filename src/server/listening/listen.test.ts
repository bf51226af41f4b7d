import assert from "node:assert/strict";
import type { IncomingMessage, ServerResponse } from "node:http";
import { connect } from "node:net";
import { suite, test } from "node:test";
import { silence } from "../../core/events.ts";
import { ManualClock, settled } from "../../testing/manual-clock.ts";
import { HTTP_OK } from "../../wire/code.ts";
import { guarded } from "../front.ts";
import { listen, type Listening } from "./listen.ts";

const LOCAL = { host: "127.0.0.1", port: 0, tell: silence };

type Listener = (request: IncomingMessage, response: ServerResponse) => void;
const answerAtOnce: Listener = (_, response) => void response.end("hello");

/** A connection that stays open, and the bytes received over it. */
function dial(port: number): {
  send(text: string): void;
  readonly received: string;
  readonly ended: Promise<void>;
} {
  const socket = connect(port, "127.0.0.1");
  let received = "";
  socket.setEncoding("latin1");
  socket.on("data", (chunk: string) => (received += chunk));
  const { promise, resolve } = Promise.withResolvers<void>();
  socket.on("error", () => {});
  socket.on("close", () => resolve());
  return {
    send: (text) => void socket.write(text),
    get received() {
      return received;
    },
    ended: promise,
  };
}

const REQUEST = "GET / HTTP/1.1\r\nhost: a\r\n\r\n";

async function seen(what: () => boolean): Promise<void> {
  while (!what()) await settled();
}

suite("listen()", () => {
  test("takes a free port, returns it, and passes requests on", async () => {
    const listening = await listen(answerAtOnce, LOCAL);
    assert.equal(listening.address, "127.0.0.1");
    const response = await fetch(`http://127.0.0.1:${listening.port}/`);
    assert.equal(await response.text(), "hello");
    await listening.close();
    await assert.rejects(fetch(`http://127.0.0.1:${listening.port}/`));
  });

  test("says what to do when the port is taken", async () => {
    const listening = await listen(answerAtOnce, LOCAL);
    const { port } = listening;
    await assert.rejects(listen(answerAtOnce, { ...LOCAL, port }), (error) => {
      assert.ok(error instanceof TypeError);
      assert.match(error.message, new RegExp(`^Cannot listen on 127\\.0\\.0\\.1:${port}: another program`));
      return true;
    });
    await listening.close();
  });

  test("says what to do when the address does not belong to this machine", async () => {
    await assert.rejects(
      listen(answerAtOnce, { ...LOCAL, host: "192.0.2.1" }),
      /this machine has no such address/,
    );
  });

  const malformed: [sentence: string, text: string, status: number][] = [
    ["what is not HTTP", "HELLO\r\n\r\n", 400],
    ["a request without a host", "GET / HTTP/1.1\r\n\r\n", 400],
    ["a request with two hosts", "GET / HTTP/1.1\r\nhost: a\r\nHost: a\r\n\r\n", 400],
    ["a host that is none", "GET / HTTP/1.1\r\nhost: evil.com/<script>\r\n\r\n", 400],
    ["an address with a user", "GET http://u:p@a/ HTTP/1.1\r\nhost: a\r\n\r\n", 400],
    ["too many headers", `GET / HTTP/1.1\r\nhost: a\r\n${"x: y\r\n".repeat(300)}\r\n`, 431],
    ["CONNECT", "CONNECT example.com:443 HTTP/1.1\r\nhost: example.com:443\r\n\r\n", 405],
    ["headers that are too large", `GET / HTTP/1.1\r\nhost: a\r\nx: ${"a".repeat(40_000)}\r\n\r\n`, 431],
  ];
  for (const [sentence, text, status] of malformed) {
    test(`answers ${sentence} with ${status} in JSON, and continues`, async () => {
      const listening = await listen(guarded(answerAtOnce, undefined), LOCAL);
      const connection = dial(listening.port);
      connection.send(text);
      await connection.ended;
      assert.match(connection.received, new RegExp(`^HTTP/1.1 ${status} `));
      const body = connection.received.slice(connection.received.indexOf("\r\n\r\n"));
      assert.equal((JSON.parse(body) as { error: { code: number } }).error.code, status);
      assert.equal((await fetch(`http://127.0.0.1:${listening.port}/`)).status, 200);
      await listening.close();
    });
  }
});

suite("Expect: 100-continue", () => {
  test("refuses a request without a host in JSON, and ignores unknown expectations", async () => {
    const listening = await listen(guarded(answerAtOnce, undefined), LOCAL);
    const hostless = dial(listening.port);
    hostless.send("GET / HTTP/1.1\r\n\r\n");
    await hostless.ended;
    assert.match(hostless.received, /^HTTP\/1\.1 400 .*"REQUEST_MALFORMED"/s);
    const expecting = dial(listening.port);
    expecting.send("GET / HTTP/1.1\r\nhost: a\r\nexpect: wonders\r\nconnection: close\r\n\r\n");
    await expecting.ended;
    assert.match(expecting.received, /^HTTP\/1\.1 200 .*hello/s);
    await listening.close();
  });

  test("sends no 100 in the middle of an answer if the request waits behind another", async () => {
    const waiting: ServerResponse[] = [];
    const answerBytes: Listener = (_, response) => {
      waiting.unshift(response);
      if (waiting.length < 2) return;
      for (const each of waiting) each.writeHead(HTTP_OK, { "content-length": 5 }).end(Buffer.from("bytes"));
    };
    const listening = await listen(answerBytes, LOCAL);
    const connection = dial(listening.port);
    const expecting =
      "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\nexpect: 100-continue\r\nconnection: close\r\n\r\n{}";
    connection.send(REQUEST + expecting);
    await connection.ended;
    assert.equal(connection.received.match(/^HTTP\/1\.1 \d+/gm)?.join(), "HTTP/1.1 200");
    assert.match(connection.received, /\r\n\r\nbytesHTTP\/1\.1 200 OK\r\n[^]*\r\n\r\nbytes$/);
    assert.doesNotMatch(connection.received, /100 Continue/);
    await listening.close();
  });

  test("sends 100, but not for a body that is too large for any call", async () => {
    const listening = await listen(answerAtOnce, LOCAL);
    for (const [length, first] of [
      [5, "HTTP/1.1 100 Continue"],
      [20_000_000, "HTTP/1.1 200 OK"],
    ] as const) {
      const connection = dial(listening.port);
      connection.send(
        `POST / HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: ${length}\r\n\r\n`,
      );
      await seen(() => connection.received.includes("hello"));
      assert.ok(connection.received.startsWith(first), connection.received);
      assert.equal(/connection: close/i.test(connection.received), length !== 5);
      if (length === 5) connection.send("12345");
    }
    await listening.close();
  });
});

/** A server that answers when the test says so. */
async function slow(clock?: ManualClock): Promise<Listening & { readonly held: ServerResponse[] }> {
  const held: ServerResponse[] = [];
  const hold: Listener = (_, response) => void held.push(response);
  const listening = await listen(hold, clock === undefined ? LOCAL : { ...LOCAL, clock });
  return { ...listening, held };
}

suite("close()", () => {
  test("closes idle connections at once", async () => {
    const listening = await listen(answerAtOnce, LOCAL);
    const connection = dial(listening.port);
    connection.send(REQUEST);
    await seen(() => connection.received.includes("hello"));
    await listening.close();
    await connection.ended;
  });

  test("lets calls in progress be answered, with connection: close", async () => {
    const listening = await slow();
    const connection = dial(listening.port);
    connection.send(REQUEST);
    await seen(() => listening.held.length === 1);
    const closed = listening.close();
    listening.held[0]?.end("late");
    await closed;
    await connection.ended;
    assert.match(connection.received, /\r\nconnection: close\r\n/i);
    assert.ok(connection.received.endsWith("late"));
  });

  test("closes a connection whose answer had begun before", async () => {
    const listening = await slow();
    const connection = dial(listening.port);
    connection.send(REQUEST);
    await seen(() => listening.held.length === 1);
    listening.held[0]?.writeHead(200, { "content-length": 4 }).write("la");
    await seen(() => connection.received.includes("la"));
    const closed = listening.close();
    listening.held[0]?.end("te");
    await closed;
    await connection.ended;
    assert.ok(connection.received.endsWith("late"));
  });

  test("cuts calls that are still in progress after the grace period", async () => {
    const clock = new ManualClock();
    const listening = await slow(clock);
    const connection = dial(listening.port);
    connection.send(REQUEST);
    await seen(() => listening.held.length === 1);
    const closed = listening.close({ graceMs: 1_000 });
    await clock.advance(1_000);
    await closed;
    await connection.ended;
    assert.equal(connection.received, "");
    assert.equal(clock.pending, 0);
  });

  test("may be called twice", async () => {
    const listening = await listen(answerAtOnce, LOCAL);
    await Promise.all([listening.close(), listening.close()]);
  });
});
