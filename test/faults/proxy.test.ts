import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { type TestContext, test } from "node:test";
import { startProxy } from "./proxy.ts";

/** An echo server, a proxy in front of it, and a client's connection through the proxy. */
async function open(t: TestContext) {
  const accepted: Socket[] = [];
  const server = createServer((socket) => {
    accepted.push(socket);
    socket.on("error", () => {});
    socket.pipe(socket);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  assert.ok(address !== null && typeof address !== "string");
  const proxy = await startProxy(address.port);
  const dial = (): Socket => {
    const socket = connect(proxy.port, "127.0.0.1");
    socket.on("error", () => {});
    t.after(() => socket.destroy());
    return socket;
  };
  t.after(async () => {
    await proxy[Symbol.asyncDispose]();
    for (const socket of accepted) socket.destroy();
    server.close();
  });
  const client = dial();
  assert.equal(await echoed(client, "hello"), "hello");
  return { proxy, client, accepted, dial };
}

async function echoed(socket: Socket, text: string): Promise<string> {
  socket.write(text);
  const [bytes] = (await once(socket, "data")) as [Buffer];
  return String(bytes);
}

/** Resolves when a connection is closed in any way. */
function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => void socket.once("close", () => resolve()));
}

/** Resolves when the proxy holds back the given number of bytes. */
async function kept(proxy: { readonly kept: number }, bytes: number): Promise<void> {
  while (proxy.kept < bytes) await new Promise((resolve) => void setImmediate(resolve));
}

test("a proxy forwards, and forwards late", async (t) => {
  const { proxy, client } = await open(t);
  proxy.become("delay", 40);
  const began = performance.now();
  assert.equal(await echoed(client, "late"), "late");
  assert.ok(performance.now() - began >= 79, "both ways are late");
  proxy.become("pass");
  assert.equal(await echoed(client, "again"), "again");
});

test("a cut resets both sides, and new connections pass", async (t) => {
  const { proxy, client, accepted, dial } = await open(t);
  const ends = [client, accepted[0] ?? client].map(closed);
  proxy.cut();
  await Promise.all(ends);
  assert.equal(await echoed(dial(), "new"), "new");
});

test("a hole accepts everything and forwards nothing, on old and new connections, until it passes again", async (t) => {
  const { proxy, client, accepted, dial } = await open(t);
  proxy.become("hole");
  client.write("late");
  const other = dial();
  await once(other, "connect");
  other.end("later");
  await kept(proxy, 9);
  const answer = once(client, "data");
  proxy.become("pass");
  assert.equal(String((await answer)[0]), "late");
  assert.equal(proxy.kept, 0);
  assert.equal(accepted.length, 2);
});

test("the bytes in a hole are forwarded later even if their sender has given up", async (t) => {
  const { proxy, client, accepted } = await open(t);
  proxy.become("hole");
  client.end("commit");
  client.destroySoon();
  await closed(client);
  await kept(proxy, 6);
  const received = once(accepted[0] ?? client, "data");
  proxy.become("pass");
  assert.equal(String((await received)[0]), "commit");
});

test("a deaf proxy forwards requests and holds back answers", async (t) => {
  const { proxy, client, accepted } = await open(t);
  proxy.become("deaf");
  const received = once(accepted[0] ?? client, "data");
  client.write("commit");
  assert.equal(String((await received)[0]), "commit");
  await kept(proxy, 6);
});

test("a half-open connection has lost its server and does not notice", async (t) => {
  const { proxy, client, accepted, dial } = await open(t);
  const gone = closed(accepted[0] ?? client);
  proxy.halfOpen("server");
  await gone;
  client.write("anybody?");
  await kept(proxy, 8);
  assert.equal(client.destroyed, false);
  assert.equal(await echoed(dial(), "new"), "new");
});

test("a half-open connection has lost its client, and the server does not notice", async (t) => {
  const { proxy, client, accepted, dial } = await open(t);
  const gone = closed(client);
  proxy.halfOpen("client");
  await gone;
  accepted[0]?.write("anybody?");
  await kept(proxy, 8);
  assert.equal(accepted[0]?.destroyed, false);
  assert.equal(await echoed(dial(), "new"), "new");
});

test("a server notices the clients that it has lost, and a client does not notice its lost server", async (t) => {
  const { proxy, client, accepted, dial } = await open(t);
  proxy.halfOpen("server");
  const next = dial();
  await echoed(next, "next");
  const noticed = closed(accepted[1] ?? client);
  proxy.halfOpen("client");
  proxy.noticeLostClients();
  await noticed;
  client.write("anybody?");
  await kept(proxy, 8);
  assert.equal(client.destroyed, false);
});

test("a refusing proxy ends new connections and keeps the old ones", async (t) => {
  const { proxy, client, dial } = await open(t);
  proxy.become("refuse");
  await closed(dial());
  assert.equal(await echoed(client, "old"), "old");
});

test("a proxy asks for the port for each connection, because its server may have restarted on another one", async (t) => {
  const first = await open(t);
  const second = await open(t);
  const ports = [first.proxy.port, second.proxy.port];
  const proxy = await startProxy(() => ports.shift() ?? 0);
  t.after(() => proxy[Symbol.asyncDispose]());
  for (const target of [first.proxy, second.proxy]) {
    const before = target.connections;
    const client = connect(proxy.port, "127.0.0.1");
    t.after(() => client.destroy());
    assert.equal(await echoed(client, "hello"), "hello");
    assert.equal(target.connections, before + 1);
  }
});
