import assert from "node:assert/strict";
import { once } from "node:events";
import { connect as connectHttp2 } from "node:http2";
import { connect, type Socket } from "node:net";
import { describe, it } from "node:test";
import { LIMITS } from "../../core/limits.ts";
import { settled } from "../../testing/manual-clock.ts";
import { openRestServer, type RestServer } from "./rest-server.suite.ts";
import { openStream, run } from "./watched.suite.ts";

describe("watching callers", () => {
  it("are released when they hang up, and when they reset their connection", async () => {
    await using server = await openRestServer();
    const name = await server.start();
    const streams = await Promise.all([1, 2, 3].map(() => openStream(server, `/v1/${name}:watch`)));
    for (const stream of streams) stream.close();
    while (server.engine.operations.watching > 0) await settled();
    const socket = await dialWatch(server, name);
    socket.resetAndDestroy();
    while (server.engine.operations.watching > 0) await settled();
  });

  it("are released when they close their half of the connection, if they use HTTP/1.1", async () => {
    await using server = await openRestServer();
    const name = await server.start();
    const socket = await dialWatch(server, name);
    socket.resume().end();
    while (server.engine.operations.watching > 0) await settled();
  });

  it("share an HTTP/2 connection with other calls, and still get their events", async () => {
    await using server = await openRestServer(undefined, {}, "h2c");
    const names = [await server.start(), await server.start()];
    const session = connectHttp2(server.url);
    const count = LIMITS.connectionCallsMax * 2;
    const texts = Array.from({ length: count }, () => "");
    const streams = texts.map((_, index) => {
      const stream = session.request({ ":path": `/v1/${names[index % 2]}:watch` });
      return stream.setEncoding("utf8").on("data", (chunk: string) => (texts[index] += chunk));
    });
    while (!texts.every((text) => text.includes("id: 1\n"))) await settled();
    const get = session.request({ ":path": `/v1/${names[0]}` });
    const [answer] = (await once(get.resume(), "response")) as [Record<string, unknown>];
    assert.equal(answer[":status"], 200, "others have their turn");
    for (const name of names) await run(server, name).report({ progressPercent: 5 });
    while (!texts.every((text) => text.includes("id: 2\n"))) await settled();
    for (const stream of streams.slice(1)) stream.close();
    while (server.engine.operations.watching > 1) await settled();
    await run(server, names[0] ?? "").end();
    await once(streams[0] ?? session, "end");
    assert.match(texts[0] ?? "", /"done":true/);
    session.close();
    await once(session, "close");
  });

  it("wait in a pipeline, one after the other", async () => {
    await using server = await openRestServer();
    const [first, second] = [await server.start(), await server.start()];
    const socket = await dial(server, `/v1/${first}:watch`, `/v1/${second}:watch`);
    let text = "";
    socket.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
    while (server.engine.operations.watching < 2) await settled();
    await run(server, second).end();
    await run(server, first).end();
    while (text.split('"done":true').length < 3) await once(socket, "data");
    assert.ok(text.indexOf(first) < text.indexOf(second));
    socket.destroy();
  });
});

/** A caller that sends raw bytes, and reads when the test says so. */
async function dial(server: RestServer, ...paths: readonly string[]): Promise<Socket> {
  const socket = connect({ port: server.port, host: "127.0.0.1" });
  await once(socket, "connect");
  socket.write(paths.map((path) => `GET ${path} HTTP/1.1\r\nhost: a\r\n\r\n`).join(""));
  return socket;
}

/** A connected caller with an open watch. */
async function dialWatch(server: RestServer, name: string): Promise<Socket> {
  const socket = await dial(server, `/v1/${name}:watch`);
  while (server.engine.operations.watching === 0) await settled();
  return socket;
}

describe("a watching caller that does not read", () => {
  it("gets the newest state when it reads again", async () => {
    await using server = await openRestServer();
    const name = await server.start();
    const socket = await dialWatch(server, name);
    socket.pause();
    const operation = run(server, name);
    const large = "x".repeat(LIMITS.payloadBytesMax - 100);
    let last = 0;
    for (let count = 0; count < 40; count++) last = await operation.report({ large, count });
    await settled();
    let text = "";
    socket.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
    socket.resume();
    while (!text.includes(`"count":39`)) await once(socket, "data");
    assert.ok(text.includes(`id: ${last}\n`));
    assert.ok(text.split("event: operation").length < 38, "some were passed over");
    socket.destroy();
    while (server.engine.operations.watching > 0) await settled();
  });

  it("is disconnected after thirty seconds", async () => {
    await using server = await openRestServer();
    const name = await server.start();
    const socket = await dialWatch(server, name);
    socket.pause();
    const operation = run(server, name);
    const large = "x".repeat(LIMITS.payloadBytesMax - 100);
    for (let count = 0; count < 20; count++) await operation.report({ large, count });
    await settled();
    await server.clock.advance(LIMITS.watchUndrainedMs - 1_000);
    assert.equal(server.engine.operations.watching, 1);
    await server.clock.advance(2_000);
    assert.equal(server.engine.operations.watching, 0);
    socket.on("error", () => undefined).resume();
    await once(socket, "close");
  });
});
