import { connect, isIP, type Socket } from "node:net";
import { connectionEnded } from "./fault.ts";

/** The address of a server. */
export interface Host {
  /** A name, an address, or the folder of a Unix socket. */
  readonly host: string;
  readonly port: number;
}

/** The answer of a server without TLS to a request for TLS. */
const REFUSES_TLS = "N";

/**
 * The sockets of one session: the driver asks for one, and for another when the first has ended.
 * After `only()` it gets no more: on another connection, the session would have lost its settings
 * and its transaction.
 */
export class Sockets {
  readonly #open = new Set<Socket>();
  readonly #onClose: () => void;
  #isOver = false;
  /** Whether the server answered that it has no TLS. */
  tlsRefused = false;

  /** @param onClose called whenever a socket has ended */
  constructor(onClose: () => void = () => {}) {
    this.#onClose = onClose;
  }

  /**
   * Opens a socket without waiting for its connection: the driver handles failed connections, but
   * loses a place of its pool for each socket that never arrives.
   */
  async open({ host, port }: Host): Promise<Socket> {
    if (this.#isOver) throw connectionEnded();
    const socket = host.startsWith("/") ? connect(`${host}/.s.PGSQL.${port}`) : connect({ host, port });
    this.#open.add(socket);
    socket.once("data", (bytes) => (this.tlsRefused ||= String(bytes) === REFUSES_TLS));
    socket.once("close", () => {
      this.#open.delete(socket);
      this.#onClose();
    });
    socket.setNoDelay(true);
    // The driver needs the name to check a certificate.
    return Object.assign(socket, { host: isIP(host) ? "" : host, port });
  }

  /** Keeps the open sockets, and opens no more. */
  only(): void {
    this.#isOver = true;
  }

  /** Ends all sockets without waiting for the server, and opens no more. */
  destroy(): void {
    this.#isOver = true;
    for (const socket of this.#open) socket.destroy();
  }
}
