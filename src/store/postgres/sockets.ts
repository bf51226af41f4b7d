import { connect, isIP, type Socket } from "node:net";
import { connectionEnded } from "./fault.ts";

/** Where a server listens. */
export interface Host {
  /** A name, an address, or the folder of a Unix socket. */
  readonly host: string;
  readonly port: number;
}

/** What a server without TLS answers when it is asked for TLS. */
const REFUSES_TLS = "N";

/**
 * The sockets of one session: the driver asks for one, and for another when the first has ended. It gets none after
 * `only()`: a session that came back on another connection would have lost its settings and its transaction.
 */
export class Sockets {
  readonly #open = new Set<Socket>();
  readonly #onClose: () => void;
  #isOver = false;
  /** Whether the server said that it has no TLS. */
  tlsRefused = false;

  /** @param onClose is told whenever one has ended */
  constructor(onClose: () => void = () => {}) {
    this.#onClose = onClose;
  }

  /**
   * Opens one, and does not wait until it is connected: the driver knows what to do with one that fails, and loses a place of
   * its pool for each that never comes.
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
    // The driver asks for the name when it checks a certificate.
    return Object.assign(socket, { host: isIP(host) ? "" : host, port });
  }

  /** Those that are open go on; no other is opened. */
  only(): void {
    this.#isOver = true;
  }

  /** Ends all without asking the other side, and opens none any more. */
  destroy(): void {
    this.#isOver = true;
    for (const socket of this.#open) socket.destroy();
  }
}
