import { createHash } from "node:crypto";
import { once } from "node:events";
import http, { type IncomingMessage, type RequestListener, type Server } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Teller } from "../core/teller.ts";
import { Teller as NewTeller } from "../core/teller.ts";
import { type ProxyOptions, serveProxy } from "../assembly/proxy.ts";

/** A server on its own port. */
export interface TestUpstream extends AsyncDisposable {
  readonly server: Server;
  readonly url: string;
  readonly port: number;
  /** The requests, oldest first. */
  readonly asked: readonly IncomingMessage[];
}

/** Opens one: `await using upstream = await openUpstream((request, response) => response.end())`. */
export async function openUpstream(listener: RequestListener): Promise<TestUpstream> {
  const asked: IncomingMessage[] = [];
  const server = http.createServer((request, response) => {
    asked.push(request);
    listener(request, response);
  });
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy()).on("close", () => sockets.delete(socket));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    server,
    port,
    url: `http://127.0.0.1:${port}`,
    asked,
    [Symbol.asyncDispose]: async () => {
      if (!server.listening) return;
      const closed = once(server, "close");
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** A proxy before a server, over a store in memory. */
export interface TestProxy extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** Waits until an operation is done, and returns the answer of its monitor. */
  settled(location: string | null): Promise<Response>;
}

const DEFAULTS = {
  async: [],
  waitMs: 0,
  upstreamTimeoutMs: 60_000,
  asyncTimeoutMs: 60_000,
  store: "sqlite::memory:",
  port: 0,
} as const;

/** Opens one: `await using proxy = await openProxy(upstream.url)`. */
export async function openProxy(
  upstream: string,
  options: Partial<ProxyOptions> = {},
  teller: Teller = new NewTeller(),
): Promise<TestProxy> {
  const served = await serveProxy(teller, { ...DEFAULTS, upstream, drain: "0s", ...options });
  return {
    url: served.url,
    port: Number(new URL(served.url).port),
    settled: (location) => fetch(new URL(location ?? "", served.url), { headers: { prefer: "wait=30" } }),
    [Symbol.asyncDispose]: () => served.stop(),
  };
}

/** Sends bytes over a connection, and returns everything received until the other side closes. */
export async function exchange(port: number, text: string): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  socket.write(text, "latin1");
  const chunks: Buffer[] = [];
  for await (const chunk of socket as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString("latin1");
}

const OPCODE_TEXT = 0x81;
const OPCODE_CLOSE = 0x88;

/** Agrees to a WebSocket, and sends each short text back in capitals. Its frames come one at a time. @see RFC 6455 */
export function answerWebSocket({ headers }: IncomingMessage, socket: Duplex): void {
  const key = `${headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
  const accept = createHash("sha1").update(key).digest("base64");
  const head = ["Connection: Upgrade", "Upgrade: websocket", `Sec-WebSocket-Accept: ${accept}`];
  socket.write(["HTTP/1.1 101 Switching Protocols", ...head, "", ""].join("\r\n"));
  socket.on("data", ([opcode = 0, length = 0, ...rest]: Buffer) => {
    const [mask, masked] = [rest.slice(0, 4), rest.slice(4, 4 + (length & 0x7f))];
    const payload = Buffer.from(masked.map((byte, index) => byte ^ (mask[index % 4] ?? 0)));
    if (opcode === OPCODE_CLOSE)
      return void socket.end(Buffer.from([OPCODE_CLOSE, payload.length, ...payload]));
    const answer = Buffer.from(payload.toString().toUpperCase());
    socket.write(Buffer.from([OPCODE_TEXT, answer.length, ...answer]));
  });
}
