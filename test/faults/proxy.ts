import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";

/**
 * What a proxy does to the traffic.
 *
 * `pass` forwards. `delay` forwards late. `hole` accepts connections and bytes and forwards nothing
 * in either direction, so that both ends wait. `deaf` forwards what clients send and holds back the
 * answers, so that commits happen without the client's knowledge. `refuse` ends new connections at
 * once. When a hole ends, its bytes are forwarded, as after a network has healed, even if the
 * sender gave up long ago.
 */
export type ProxyMode = "pass" | "delay" | "hole" | "deaf" | "refuse";

interface Pair {
  readonly client: Socket;
  readonly server: Socket;
}

/** A TCP proxy that breaks connections on purpose. */
export interface FaultProxy extends AsyncDisposable {
  readonly port: number;
  /** The open connections through the proxy. */
  readonly connections: number;
  /** Bytes that have arrived but were not forwarded. */
  readonly kept: number;
  /**
   * Sets the behaviour of all connections from now on, including open ones. @param delayMs each
   * way, for `delay`
   */
  become(mode: ProxyMode, delayMs?: number): void;
  /** Resets all connections, as a firewall or a fail-over does. */
  cut(): void;
  /**
   * Ends one side of all connections and leaves the other open and silent, as after a machine dies
   * without notice: the remaining side's bytes are accepted and never answered.
   *
   * @param gone the side that has died
   */
  halfOpen(gone: "client" | "server"): void;
  /** Resets the connections whose clients are gone, as TCP keep-alive does after some time. */
  noticeLostClients(): void;
}

/**
 * Starts a proxy on a free port of 127.0.0.1, in front of another local port.
 *
 * @param targetPort a function is called for each connection, if the port may change
 */
export async function startProxy(targetPort: number | (() => number)): Promise<FaultProxy> {
  const server = createServer({ noDelay: true });
  const proxy = new Proxy(server, typeof targetPort === "number" ? () => targetPort : targetPort);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return proxy;
}

class Proxy implements FaultProxy {
  readonly #server: Server;
  readonly #targetPort: () => number;
  readonly #pairs = new Set<Pair>();
  /** Sides that do not know that their other side is gone, and whether that is their client. */
  readonly #silent = new Map<Socket, "client" | "server">();
  #mode: ProxyMode = "pass";
  #delayMs = 0;
  /** Resolves when the mode changes. */
  #healed = Promise.withResolvers<void>();
  kept = 0;

  constructor(server: Server, targetPort: () => number) {
    this.#server = server;
    this.#targetPort = targetPort;
    server.on("connection", (client) => this.#accept(client));
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("A proxy without a port");
    return address.port;
  }

  get connections(): number {
    return this.#pairs.size;
  }

  become(mode: ProxyMode, delayMs = 0): void {
    this.#healed.resolve();
    this.#healed = Promise.withResolvers();
    this.#mode = mode;
    this.#delayMs = delayMs;
  }

  cut(): void {
    for (const { client, server } of this.#pairs) {
      reset(client);
      reset(server);
    }
  }

  halfOpen(gone: "client" | "server"): void {
    for (const pair of this.#pairs) {
      this.#pairs.delete(pair);
      const left = gone === "server" ? pair.client : pair.server;
      for (const socket of [pair.client, pair.server])
        for (const event of ["data", "end", "close"]) socket.removeAllListeners(event);
      pair[gone].destroy();
      left.on("data", (bytes) => (this.kept += bytes.length));
      this.#keepSilent(left, gone);
    }
  }

  noticeLostClients(): void {
    for (const [socket, gone] of this.#silent) if (gone === "client") reset(socket);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    this.become("pass");
    this.cut();
    for (const socket of this.#silent.keys()) socket.destroy();
    await closed;
  }

  #accept(client: Socket): void {
    client.on("error", () => {});
    if (this.#mode === "refuse") {
      client.resetAndDestroy();
      return;
    }
    const server = connect({ port: this.#targetPort(), host: "127.0.0.1", noDelay: true });
    const pair = { client, server };
    this.#pairs.add(pair);
    // While PostgreSQL is stopped, nobody listens: then the client's connection is reset, too.
    server.on("error", () => reset(client));
    this.#forward(client, server, "up");
    this.#forward(server, client, "down");
    for (const socket of [client, server])
      socket.on("close", () => void (client.closed && server.closed && this.#pairs.delete(pair)));
  }

  #keepSilent(socket: Socket, gone: "client" | "server"): void {
    if (socket.destroyed) return;
    this.#silent.set(socket, gone);
    socket.once("close", () => this.#silent.delete(socket));
  }

  #forward(from: Socket, to: Socket, direction: "up" | "down"): void {
    // One after the other, even if the mode changes meanwhile.
    let last = Promise.resolve();
    const send = (act: () => void): void => {
      const gate = this.#gate(direction);
      last = last.then(() => gate).then(() => void (to.destroyed || act()));
    };
    from.on("data", (bytes) => {
      this.kept += bytes.length;
      send(() => {
        this.kept -= bytes.length;
        to.write(bytes);
      });
    });
    from.on("end", () => send(() => to.end()));
    from.on("close", () => send(() => to.destroy()));
  }

  /** The promise on which newly arrived bytes wait. */
  #gate(direction: "up" | "down"): Promise<void> | undefined {
    const closed = this.#mode === "hole" || (this.#mode === "deaf" && direction === "down");
    if (closed) return this.#healed.promise;
    const delayMs = this.#mode === "delay" ? this.#delayMs : 0;
    return delayMs === 0 ? undefined : new Promise((resolve) => setTimeout(resolve, delayMs));
  }
}

/**
 * Resets a connection. A connection that is already ending is only destroyed; otherwise Node would
 * leave its handle open.
 */
function reset(socket: Socket): void {
  if (socket.destroyed || socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}
