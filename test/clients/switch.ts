import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** An address that stays the same while the server behind it changes. */
export interface Switch extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** Connects new connections to another server from now on. */
  to(url: string): void;
  /** Closes all connections. */
  cut(): void;
}

/** Opens one in front of a server. */
export async function switchTo(url: string): Promise<Switch> {
  let target = new URL(url);
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    const other = connect(Number(target.port), target.hostname);
    for (const [each, peer] of [
      [socket, other],
      [other, socket],
    ] as const) {
      each.on("error", () => peer.destroy()).on("close", () => peer.destroy());
      each.pipe(peer);
    }
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    to: (next) => void (target = new URL(next)),
    cut,
    [Symbol.asyncDispose]: async () => {
      cut();
      await once(server.close(), "close");
    },
  };
}
