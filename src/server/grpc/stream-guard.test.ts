import assert from "node:assert/strict";
import { once } from "node:events";
import { connect as connectHttp2 } from "node:http2";
import { connect } from "node:net";
import { test } from "node:test";
import { Server } from "@grpc/grpc-js";
import { serve } from "../../assembly/serve.ts";
import { streamHandlerOf } from "./stream-guard.ts";

const [HEADERS, RST_STREAM, SETTINGS] = [1, 3, 4];
const END_HEADERS = 4;

/** A frame of HTTP/2. @see RFC 9113, section 4.1 */
function frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.set([type, flags], 3);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** A header as a literal without indexing. @see RFC 7541, section 6.2.2 */
function literal(name: string, value: string): Buffer {
  return Buffer.concat([
    Buffer.from([0, name.length]),
    Buffer.from(name),
    Buffer.from([value.length]),
    Buffer.from(value),
  ]);
}

/** A call and its cancellation, in one packet. */
function takenBack(stream: number, contentType: string): Buffer {
  const headers = Buffer.concat([
    literal(":method", "POST"),
    literal(":scheme", "http"),
    literal(":path", "/a.B/Unknown"),
    literal(":authority", "a"),
    literal("content-type", contentType),
  ]);
  const cancel = Buffer.from([0, 0, 0, 8]);
  return Buffer.concat([frame(HEADERS, END_HEADERS, stream, headers), frame(RST_STREAM, 0, stream, cancel)]);
}

test("a caller that cancels its calls at once ends only these", async () => {
  const served = await serve({ methods: [], store: "sqlite::memory:", port: 0 });
  const { hostname, port } = new URL(served.url);
  const socket = connect(Number(port), hostname);
  const preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
  const calls = [takenBack(1, "application/grpc"), takenBack(3, "text/plain")];
  socket.write(Buffer.concat([preface, frame(SETTINGS, 0, 0, Buffer.alloc(0)), ...calls]));
  await once(socket, "data");
  const session = connectHttp2(served.url);
  const stream = session.request({
    ":method": "POST",
    ":path": "/a.B/Unknown",
    "content-type": "application/grpc",
  });
  const [answer] = (await once(stream, "response")) as [Record<string, unknown>];
  assert.equal(answer["grpc-status"], "12");
  session.destroy();
  socket.destroy();
  await served.stop();
});

const timeouts: readonly [timeout: string, status: string][] = [
  ["soon", "3"],
  ["-1S", "3"],
  ["1s", "3"],
  ["123456789S", "3"],
  ["5S", "5"],
  // About 11,000 years, more milliseconds than fit into 31 bits.
  ["99999999H", "5"],
  ["99999999S", "5"],
  ["2147484S", "5"],
];

test("an invalid timeout is the caller's error, and a very long one works", async () => {
  const served = await serve({ methods: [], store: "sqlite::memory:", port: 0 });
  const session = connectHttp2(served.url);
  for (const [timeout, status] of timeouts) {
    const stream = session.request({
      ":method": "POST",
      ":path": "/google.longrunning.Operations/GetOperation",
      "content-type": "application/grpc",
      "grpc-timeout": timeout,
      te: "trailers",
    });
    stream.end(Buffer.from([0, 0, 0, 0, 0]));
    const [answer] = (await once(stream, "response")) as [Record<string, unknown>];
    stream.resume();
    assert.equal(answer["grpc-status"], status, timeout);
  }
  session.destroy();
  await served.stop();
});

test("a timeout is passed on unchanged as long as its milliseconds fit in 31 bits", () => {
  const passed: unknown[] = [];
  const server = { _streamHandler: (...[, , headers]: [unknown, unknown, object]) => passed.push(headers) };
  const handle = streamHandlerOf(server as never);
  const most = "2147483S";
  const cases = [
    ["2147483S", most],
    ["2147484S", most],
    ["4294966S", most],
    ["596H", "596H"],
    ["597H", most],
    ["35791M", "35791M"],
    ["35792M", most],
    ["99999999m", "99999999m"],
    ["99999999u", "99999999u"],
  ] as const;
  for (const [timeout] of cases) handle({} as never, { "grpc-timeout": timeout });
  assert.deepEqual(
    passed,
    cases.map(([, shown]) => ({ "grpc-timeout": shown })),
  );
});

test("streamHandlerOf() finds what it needs in grpc-js", () => {
  assert.doesNotThrow(() => streamHandlerOf(new Server()));
});
