import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { suite, test } from "node:test";
import { silence } from "../../core/events.ts";
import { LIMITS } from "../../core/limits.ts";
import { ManualClock } from "../../testing/manual-clock.ts";
import type { HttpListener } from "../front.ts";
import { listen } from "./listen.ts";

const LENGTH = 4_194_304;
const HEAD = `POST / HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: ${LENGTH}\r\n\r\n`;

/** A server that refuses each request before its body, and a caller that has got the answer. */
async function refused() {
  const clock = new ManualClock();
  const served = Promise.withResolvers<Socket>();
  const refuse: HttpListener = (request, response) => {
    served.resolve(request.socket);
    response.writeHead(413).end("too large");
  };
  const listening = await listen(refuse, { host: "127.0.0.1", port: 0, tell: silence, clock });
  const socket: Socket = connect({ port: listening.port, host: "127.0.0.1", allowHalfOpen: true });
  let received = "";
  socket.setEncoding("latin1").on("data", (chunk: string) => (received += chunk));
  socket.write(HEAD);
  await once(socket, "end");
  assert.match(received, /^HTTP\/1\.1 413 [^]*too large/);
  return { clock, listening, socket, served: await served.promise };
}

suite("a caller that is refused while it sends", () => {
  test("may send the rest of its body, without a reset", async () => {
    const { listening, socket } = await refused();
    socket.end(Buffer.alloc(LENGTH));
    await once(socket, "close");
    assert.equal(socket.errored, null);
    await listening.close();
  });

  test("is cut off if it goes on for too long", async () => {
    const { clock, listening, socket, served } = await refused();
    assert.equal(clock.pending, 1);
    const closed = once(served, "close");
    await clock.advance(LIMITS.unreadBodyMs);
    await closed;
    assert.equal(clock.pending, 0);
    socket.destroy();
    await listening.close();
  });
});
