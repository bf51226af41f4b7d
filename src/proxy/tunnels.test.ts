import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { suite, test } from "node:test";
import { LIMITS } from "../core/limits.ts";
import { ManualClock, settled } from "../testing/manual-clock.ts";
import { Passing } from "./passing.ts";
import { exchange, openProxy, openUpstream } from "./proxy.suite.ts";
import { Tunnels } from "./tunnels.ts";
import { Upstream } from "./upstream.ts";

const UPGRADE =
  "GET /chat?a=1 HTTP/1.1\r\nHost: localhost\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: k\r\n\r\n";

/** Reads until a text has arrived. */
async function readUntil(socket: Socket, text: string): Promise<string> {
  let read = "";
  while (!read.includes(text)) {
    const [chunk] = (await once(socket, "data")) as [Buffer];
    read += chunk.toString("latin1");
  }
  return read;
}

/** An upstream that accepts upgrades and echoes its input in capitals. */
async function openEcho() {
  const upstream = await openUpstream((_request, response) => response.end("plain"));
  const upgraded: Socket[] = [];
  upstream.server.on("upgrade", (request, socket: Socket, head: Buffer) => {
    upgraded.push(socket);
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${request.headers.upgrade}\r\nX-Host: ${request.headers.host}\r\n\r\nfirst`,
    );
    if (head.length > 0) socket.write(head.toString().toUpperCase());
    socket.on("data", (chunk: Buffer) => socket.write(chunk.toString().toUpperCase()));
    socket.on("end", () => socket.end());
  });
  return { ...upstream, upgraded };
}

const PATIENCE_MS = 10_000;

/** A server that is nothing but tunnels, by a clock that is turned by hand. */
async function openTunnels(url: string) {
  const clock = new ManualClock();
  const common = { upstream: new Upstream(url), clock, patienceMs: PATIENCE_MS, domain: "d" };
  const passing = new Passing({ ...common, reachedBy: undefined });
  const tunnels = new Tunnels({ ...common, passing, allowedHosts: undefined });
  const proxy = await openUpstream(() => {});
  proxy.server.on("upgrade", (request, socket, head) => tunnels.upgrade(request, socket, head));
  return { ...proxy, clock, passing, tunnels };
}

suite("Tunnels", () => {
  test("join both sides once the upstream has agreed, from the first byte on, and end together", async () => {
    await using upstream = await openEcho();
    await using proxy = await openProxy(upstream.url);
    const socket = connect(proxy.port, "127.0.0.1");
    socket.write(`${UPGRADE}early`);
    const head = await readUntil(socket, "EARLY");
    assert.match(
      head,
      /^HTTP\/1\.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nX-Host: localhost\r\n\r\nfirst/,
    );
    socket.write("hello");
    assert.match(await readUntil(socket, "HELLO"), /HELLO/);
    const closed = once(upstream.upgraded[0] ?? assert.fail(), "close");
    socket.end();
    await closed;
    await once(socket, "close");
  });

  test("carry the WebSocket of a real client", async () => {
    await using upstream = await openUpstream(() => {});
    upstream.server.on("upgrade", (request, socket: Socket) => {
      const key = `${request.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
      const accept = createHash("sha1").update(key).digest("base64");
      const head = [
        "HTTP/1.1 101 Yes",
        "Connection: Upgrade",
        "Upgrade: websocket",
        `Sec-WebSocket-Accept: ${accept}`,
      ];
      socket.write(`${head.join("\r\n")}\r\n\r\n`);
      // A text frame, as in RFC 6455, section 5.7.
      socket.write(Buffer.from([0x81, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f]));
    });
    await using proxy = await openProxy(upstream.url);
    const client = new WebSocket(`ws://127.0.0.1:${proxy.port}/chat`);
    const [message] = (await once(client, "message")) as [{ readonly data: unknown }];
    assert.equal(message.data, "Hello");
    const closed = once(client, "close");
    await upstream[Symbol.asyncDispose]();
    await closed;
  });

  test("end when the upstream is killed", async () => {
    await using upstream = await openEcho();
    await using proxy = await openProxy(upstream.url);
    const socket = connect(proxy.port, "127.0.0.1");
    socket.write(UPGRADE);
    await readUntil(socket, "first");
    upstream.upgraded[0]?.destroy();
    await once(socket, "close");
  });

  test("a caller that hangs up before the upstream has agreed ends the request there", async () => {
    await using upstream = await openUpstream(() => {});
    const asked = once(upstream.server, "upgrade") as Promise<[unknown, Socket]>;
    await using proxy = await openProxy(upstream.url);
    const socket = connect(proxy.port, "127.0.0.1");
    socket.write(UPGRADE);
    const [, there] = await asked;
    const gone = once(there.resume(), "end");
    socket.destroy();
    await gone;
  });

  test("an upstream that neither agrees nor answers is 504", async () => {
    await using upstream = await openUpstream(() => {});
    const asked = once(upstream.server, "upgrade") as Promise<[unknown, Socket]>;
    await using proxy = await openTunnels(upstream.url);
    const answer = exchange(proxy.port, UPGRADE);
    const [, there] = await asked;
    const gone = once(there.resume(), "end");
    await proxy.clock.advance(PATIENCE_MS);
    assert.match(await answer, /^HTTP\/1\.1 504 [^]*UPSTREAM_TIMED_OUT/);
    await gone;
    assert.equal(proxy.clock.pending, 0);
  });

  test("count as passed-through requests for as long as they are open", async () => {
    await using upstream = await openEcho();
    await using proxy = await openTunnels(upstream.url);
    const { passing, tunnels } = proxy;
    const socket = connect(proxy.port, "127.0.0.1");
    socket.write(UPGRADE);
    await readUntil(socket, "first");
    assert.deepEqual([passing.underWay, tunnels.size], [1, 1]);
    const side = { on: () => {} };
    while (passing.underWay < LIMITS.proxyPassedMax) passing.enter(side);
    const refused = await exchange(proxy.port, UPGRADE);
    assert.match(refused, /^HTTP\/1\.1 503 [^]*TOO_MANY_PASSED_REQUESTS/);
    const closed = once(socket, "close");
    tunnels.close();
    await closed;
    while (passing.underWay === LIMITS.proxyPassedMax) await settled();
    assert.deepEqual([passing.underWay, tunnels.size], [LIMITS.proxyPassedMax - 1, 0]);
    assert.equal(proxy.clock.pending, 0);
  });

  test("an upstream that does not agree answers normally, and the connection ends", async () => {
    await using upstream = await openUpstream((_request, response) =>
      response.writeHead(426, { upgrade: "x" }).end("no"),
    );
    await using proxy = await openProxy(upstream.url);
    assert.match(await exchange(proxy.port, UPGRADE), /^HTTP\/1\.1 426 Upgrade Required\r\n[^]*no/);
  });

  test("an unavailable upstream is 502; a host that is not ours is refused", async () => {
    const upstream = await openUpstream(() => {});
    await upstream[Symbol.asyncDispose]();
    await using proxy = await openProxy(upstream.url);
    assert.match(await exchange(proxy.port, UPGRADE), /^HTTP\/1\.1 502 [^]*UPSTREAM_UNREACHABLE/);
    const other = UPGRADE.replace("Host: localhost", "Host: evil.example");
    assert.match(await exchange(proxy.port, other), /^HTTP\/1\.1 403 [^]*HOST_REFUSED/);
  });

  test("a request with a body is not upgraded", async () => {
    await using upstream = await openEcho();
    await using proxy = await openProxy(upstream.url);
    const text =
      "POST / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, close\r\nUpgrade: h2c\r\nContent-Length: 2\r\n\r\nab";
    assert.match(await exchange(proxy.port, text), /^HTTP\/1\.1 200 OK\r\n[^]*plain/);
    assert.equal(upstream.asked[0]?.headers.upgrade, undefined);
  });

  test("are cut when the proxy has drained", async () => {
    await using upstream = await openEcho();
    const proxy = await openProxy(upstream.url);
    const socket = connect(proxy.port, "127.0.0.1");
    socket.write(UPGRADE);
    await readUntil(socket, "first");
    const closed = once(socket, "close");
    await proxy[Symbol.asyncDispose]();
    await closed;
  });
});
