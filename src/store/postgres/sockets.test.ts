import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { after, test } from "node:test";
import { Sockets } from "./sockets.ts";

/** A server that sends a greeting to every connection. @returns its port */
async function greeter(greeting: string): Promise<number> {
  const server = createServer((socket) => void socket.on("error", () => {}).write(greeting));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  after(() => server.close());
  const at = server.address();
  assert.ok(at !== null && typeof at === "object");
  return at.port;
}

test("sockets are destroyed at once, and no more are opened", async () => {
  let closed = 0;
  const sockets = new Sockets(() => closed++);
  const host = { host: "127.0.0.1", port: await greeter("") };
  const socket = await sockets.open(host);
  await once(socket, "connect");
  sockets.destroy();
  await once(socket, "close");
  await assert.rejects(sockets.open(host), { code: "CONNECTION_CLOSED" });
  assert.equal(closed, 1);
});

test("only() keeps the existing socket, and opens no other", async () => {
  const sockets = new Sockets();
  const host = { host: "127.0.0.1", port: await greeter("") };
  const socket = await sockets.open(host);
  await once(socket, "connect");
  sockets.only();
  await assert.rejects(sockets.open(host), { code: "CONNECTION_CLOSED" });
  assert.equal(socket.destroyed, false);
  sockets.destroy();
});

test("sockets recognise a server without TLS by its answer", async () => {
  for (const [greeting, refuses] of [
    ["N", true],
    ["S", false],
    ["NN", false],
  ] as const) {
    const sockets = new Sockets();
    const socket = await sockets.open({ host: "127.0.0.1", port: await greeter(greeting) });
    await once(socket, "data");
    assert.equal(sockets.tlsRefused, refuses, greeting);
    sockets.destroy();
  }
});
