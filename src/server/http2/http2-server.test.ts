import assert from "node:assert/strict";
import { once } from "node:events";
import { constants, type ServerHttp2Stream } from "node:http2";
import { suite, test } from "node:test";
import { LIMITS } from "../../core/limits.ts";
import { silence } from "../../core/events.ts";
import { ManualClock, settled } from "../../testing/manual-clock.ts";
import { openGrpcTest } from "../grpc/grpc-server.suite.ts";
import { openRestServer } from "../rest/rest-server.suite.ts";
import { listen } from "../listening/listen.ts";
import { Http2Server } from "./http2-server.ts";
import { answerTo, ask, dial, seen, speak } from "./caller.suite.ts";

suite("Http2Server", () => {
  test("serves gRPC and REST over one connection", async () => {
    await using server = await openGrpcTest();
    const name = await server.start();
    const session = dial(`http://127.0.0.1:${server.listening.port}`);
    const rest = ask(session, { ":path": `/v1/${name}` }).end();
    const grpc = ask(session, { ":method": "POST", ":path": "/a.B/C", "content-type": "application/grpc" });
    const [shown, called] = await Promise.all([answerTo(rest), answerTo(grpc.end())]);
    assert.deepEqual([shown.head[":status"], JSON.parse(shown.body).name], [200, name]);
    assert.deepEqual([called.head[":status"], called.head["grpc-status"]], [200, "12"]);
    // A repeated request, as of a browser or a proxy, is answered from memory.
    const again = await answerTo(ask(session, { ":path": `/v1/${name}` }).end());
    assert.equal(again.body, shown.body);
    session.close();
  });

  test("answers HEAD without a body, and 304 to a caller that has the answer", async () => {
    await using server = await openRestServer();
    const path = `/v1/${await server.start()}`;
    const session = dial(server.url);
    const head = await answerTo(ask(session, { ":method": "HEAD", ":path": path }).end());
    const get = await answerTo(ask(session, { ":path": path }).end());
    assert.equal(head.body, "");
    assert.equal(head.head["content-length"], String(Buffer.byteLength(get.body)));
    const etag = String(get.head["etag"]);
    const same = await answerTo(ask(session, { ":path": path, "if-none-match": etag }).end());
    assert.deepEqual([same.head[":status"], same.body], [304, ""]);
    session.close();
  });

  test("forgets a wait whose stream is reset, and continues with the others", async () => {
    await using server = await openRestServer();
    const session = dial(server.url);
    const wait = { ":method": "POST", ":path": `/v1/${await server.start()}:wait` };
    const [reset, kept] = [ask(session, wait).end(), ask(session, wait).end()] as const;
    const { operations } = server.engine;
    await seen(() => operations.waiting === 2);
    reset.close(constants.NGHTTP2_CANCEL);
    await seen(() => operations.waiting === 1);
    const answered = answerTo(kept);
    await server.clock.advance(LIMITS.waitMsDefault);
    assert.equal((await answered).head[":status"], 200);
    session.close();
  });

  test("sends GOAWAY when it closes, and answers calls in progress", async () => {
    const server = await openRestServer();
    const session = dial(server.url);
    const stream = ask(session, { ":method": "POST", ":path": `/v1/${await server.start()}:wait` }).end();
    const goodbye = once(session, "goaway");
    const answered = answerTo(stream);
    await seen(() => server.engine.operations.waiting === 1);
    const closed = server[Symbol.asyncDispose]();
    const [code] = (await goodbye) as [number];
    assert.equal(code, constants.NGHTTP2_NO_ERROR);
    assert.equal((await answered).head[":status"], 200);
    await closed;
  });
});

const [HEADERS, RST_STREAM, SETTINGS, PING, CONTINUATION] = [1, 3, 4, 6, 9];

/** A frame of HTTP/2. @see RFC 9113, section 4.1 */
function frame(type: number, flags: number, stream: number, payload: Uint8Array = new Uint8Array()): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.set([type, flags], 3);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** GET / of a host "a": indexes of the static table, and a literal. @see RFC 7541, appendix A */
const GET = Buffer.from([0x82, 0x86, 0x84, 0x01, 0x01, 0x61]);
const CANCEL = Buffer.from([0, 0, 0, 8]);
const many = (count: number, each: (index: number) => Buffer): Buffer =>
  Buffer.concat(Array.from({ length: count }, (_, index) => each(index)));

const floods: readonly [sentence: string, bytes: Buffer][] = [
  [
    "requests that are reset at once",
    many(20_000, (index) =>
      Buffer.concat([frame(HEADERS, 5, 2 * index + 1, GET), frame(RST_STREAM, 0, 2 * index + 1, CANCEL)]),
    ),
  ],
  [
    "headers that never end",
    Buffer.concat([frame(HEADERS, 1, 1, GET), many(20_000, () => frame(CONTINUATION, 0, 1, GET))]),
  ],
  ["settings", many(100_000, () => frame(SETTINGS, 0, 0))],
  ["pings", many(100_000, () => frame(PING, 0, 0, Buffer.alloc(8)))],
];

/** A call of gRPC, of which this test looks only at the beginning. */
const CALL = Buffer.concat([
  GET,
  Buffer.from([0, 12]),
  Buffer.from("content-type"),
  Buffer.from([16]),
  Buffer.from("application/grpc"),
]);

test("Http2Server handles a burst of streams in turns, so that others have theirs", async () => {
  const clock = new ManualClock();
  // The clock advances by a millisecond at each reading.
  let nowMs = 0;
  clock.monotonic = () => nowMs++;
  const tally = { taken: 0 };
  const grpc = { take: () => void tally.taken++, close: () => {} };
  const http2 = new Http2Server({ http: () => assert.fail(), grpc, clock });
  const options = { host: "127.0.0.1", port: 0, tell: silence, clock, http2 };
  const listening = await listen(() => assert.fail(), options);
  const socket = await speak(listening.port);
  socket.write(many(LIMITS.http2StreamsMin + 100, (index) => frame(HEADERS, 5, 2 * index + 1, CALL)));
  let most = 0;
  while (tally.taken < LIMITS.http2StreamsMin) {
    const before = tally.taken;
    await settled(1);
    most = Math.max(most, tally.taken - before);
  }
  assert.ok(most <= 2 * LIMITS.connectionCallsMax, `${most} in a turn`);
  await settled(20);
  assert.equal(tally.taken, LIMITS.http2StreamsMin, "those beyond are refused, which costs nothing");
  const closed = listening.close({ graceMs: 1 });
  await clock.advance(1);
  socket.destroy();
  await closed;
});

test("Http2Server frees what the listeners of a closed stream use, and ignores its late errors", async () => {
  const clock = new ManualClock();
  const { promise, resolve } = Promise.withResolvers<ServerHttp2Stream>();
  const heard: string[] = [];
  const grpc = {
    take: (stream: ServerHttp2Stream) => {
      for (const event of ["finish", "close"]) stream.on(event, () => heard.push(event));
      stream.respond({ ":status": 200 }, { endStream: true });
      resolve(stream);
    },
    close: () => {},
  };
  const http2 = new Http2Server({ http: () => assert.fail(), grpc, clock });
  const options = { host: "127.0.0.1", port: 0, tell: silence, clock, http2 };
  const listening = await listen(() => assert.fail(), options);
  const session = dial(`http://127.0.0.1:${listening.port}`);
  const call = ask(session, { ":method": "POST", ":path": "/a.B/C", "content-type": "application/grpc" });
  await answerTo(call.end());
  const stream = await promise;
  await seen(() => stream.listenerCount("close") === 0 && heard.includes("close"));
  assert.deepEqual(heard, ["finish", "close"]);
  assert.deepEqual(stream.eventNames(), ["error"]);
  stream.emit("error", new Error("too late"));
  session.close();
  const closed = listening.close({ graceMs: 1 });
  await clock.advance(1);
  await closed;
});

suite("Http2Server ends a connection", () => {
  for (const [sentence, bytes] of floods) {
    test(`that floods it with ${sentence}, and serves others`, async () => {
      await using server = await openRestServer();
      const socket = await speak(server.port);
      socket.pause();
      const closed = once(socket, "close");
      socket.write(bytes);
      await settled(50);
      socket.resume();
      await closed;
      const session = dial(server.url);
      assert.equal((await answerTo(ask(session, { ":path": "/v1/operations" }).end())).head[":status"], 200);
      session.close();
    });
  }
});
