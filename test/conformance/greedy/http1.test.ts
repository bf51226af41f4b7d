import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { suite, test } from "node:test";
import { LIMITS } from "../../../src/core/limits.ts";
import { openRestServer, type RestServer } from "../../../src/server/rest/rest-server.suite.ts";
import { settled } from "../../../src/testing/manual-clock.ts";
import { fill, standstill, tallyOf, UNKNOWN } from "./greedy.ts";

const LIST = "GET /v1/operations?pageSize=1000 HTTP/1.1\r\nhost: a\r\n\r\n";
/** A connection over which nothing is read until it is resumed. */
async function dial({ port }: RestServer): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {});
  await once(socket, "connect");
  return socket.pause();
}

/** Reads until this many answers have arrived. @returns their statuses */
async function answersOf(socket: Socket, count: number): Promise<ReadonlySet<string>> {
  const statuses = new Set<string>();
  let seen = 0;
  let rest = "";
  for await (const chunk of socket.resume().setEncoding("latin1")) {
    const text = rest + String(chunk);
    for (const [, status = ""] of text.matchAll(/HTTP\/1\.1 (\d{3}) /g)) {
      statuses.add(status);
      seen++;
    }
    rest = text.slice(-12).replaceAll(/HTTP\/1\.1 \d{3} /g, "");
    if (seen >= count) break;
  }
  assert.equal(seen, count);
  return statuses;
}

suite("an HTTP/1.1 caller that sends many requests and reads no answers", () => {
  test("has few pages computed for it, and all of them once it reads", async () => {
    await using server = await openRestServer();
    await fill(server, 600);
    const tally = tallyOf(server);
    const socket = await dial(server);
    socket.write(LIST.repeat(150));
    while (tally.lists < 1) await settled(1);
    await standstill(tally);
    // The sockets' own buffers have taken as much as they can.
    const most = tally.lists;
    assert.ok(most <= 40, `${most} pages`);
    assert.equal((await server.call("GET", "/v1/operations?pageSize=1")).status, 200);
    assert.equal(tally.lists, most + 1);
    assert.deepEqual(await answersOf(socket, 150), new Set(["200"]));
    assert.equal(tally.lists, 151);
    socket.destroy();
  });

  test("delays another caller by the pages in progress, and not by all that it requested", async () => {
    await using server = await openRestServer();
    await fill(server, 200);
    const tally = tallyOf(server);
    const socket = await dial(server);
    socket.write(LIST.repeat(400));
    const answered = answersOf(socket, 400);
    while (tally.lists < 1) await settled(1);
    await server.call("GET", `/v1/${UNKNOWN}`);
    assert.ok(tally.lists <= 40, `${tally.lists} pages before`);
    await answered;
    socket.destroy();
  });

  test("is no longer read from", async () => {
    await using server = await openRestServer();
    const wait = `POST /v1/${await server.start()}:wait HTTP/1.1\r\nhost: a\r\n\r\n`;
    const socket = await dial(server);
    socket.write(Buffer.from(wait.repeat(200_000)));
    await standstill(tallyOf(server));
    assert.ok(socket.writableLength > 0, "all was taken");
    socket.destroy();
    assert.equal((await server.call("GET", "/v1/operations")).status, 200);
  });

  test("takes few of the seats of waiters", async () => {
    await using server = await openRestServer();
    const name = await server.start();
    const socket = await dial(server);
    socket.write(`POST /v1/${name}:wait HTTP/1.1\r\nhost: a\r\n\r\n`.repeat(5_000));
    const tally = tallyOf(server);
    while (server.engine.operations.waiting < 1) await settled(1);
    await standstill(tally);
    const waiting = server.engine.operations.waiting;
    assert.ok(waiting > 0 && waiting <= LIMITS.pipelinedCallsMax, `${waiting} wait`);
    socket.destroy();
    // While a connection is not read, its end is noticed only when something is written to it.
    while (server.engine.operations.waiting > 0) await server.clock.advance(LIMITS.waitMsDefault);
  });

  test("sends bodies in between, which are read in their turn", async () => {
    await using server = await openRestServer();
    const body = JSON.stringify({ directory: "a".repeat(200_000) });
    const start = `POST /v1:createArchive HTTP/1.1\r\nhost: a\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
    const socket = await dial(server);
    socket.write(`${LIST.repeat(50)}${start}`.repeat(5));
    const tally = tallyOf(server);
    await standstill(tally);
    assert.deepEqual(await answersOf(socket, 255), new Set(["200"]));
    socket.destroy();
  });
});
