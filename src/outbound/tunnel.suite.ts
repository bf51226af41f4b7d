import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import { connect, type AddressInfo, type Socket } from "node:net";

/** A request to a proxy. */
export interface Asked {
  /** An address such as `127.0.0.1:40000`. */
  readonly target: string;
  readonly credentials: string | undefined;
}

/** An HTTP proxy on this machine that connects to every requested address, by CONNECT only. */
export class Proxy implements AsyncDisposable {
  readonly asked: Asked[] = [];
  /** The answer to further requests; undefined to connect. */
  answer: ((socket: Socket) => void) | undefined;
  readonly #server = createServer((_, response) => response.writeHead(405).end());
  readonly #sockets = new Set<Socket>();

  static async open(): Promise<Proxy> {
    const proxy = new Proxy();
    proxy.#server.on("connect", (request: IncomingMessage, socket: Socket) =>
      proxy.#connect(request, socket),
    );
    proxy.#server.on("connection", (socket) => proxy.#kept(socket));
    proxy.#server.listen(0, "127.0.0.1");
    await once(proxy.#server, "listening");
    return proxy;
  }

  /** With an escaped name and password. */
  get url(): URL {
    return new URL(`http://us%40er:pass@127.0.0.1:${(this.#server.address() as AddressInfo).port}`);
  }

  #kept(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("error", () => undefined).on("close", () => this.#sockets.delete(socket));
  }

  #connect({ url: target = "", headers }: IncomingMessage, socket: Socket): void {
    this.asked.push({ target, credentials: headers["proxy-authorization"] });
    if (this.answer !== undefined) return this.answer(socket);
    const { hostname, port } = new URL(`http://${target}`);
    const upstream = connect(Number(port), hostname, () => {
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      upstream.pipe(socket).pipe(upstream);
    });
    this.#kept(upstream);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    if (!this.#server.listening) return;
    const closed = once(this.#server, "close");
    this.#server.close();
    await closed;
  }
}
