import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** The parts of an HTTP answer that a load generator needs. */
export interface RawAnswer {
  readonly status: number;
  readonly body: string;
}

interface Expected {
  readonly resolve: (answer: RawAnswer) => void;
  readonly reject: (error: Error) => void;
}

const HEAD_END = Buffer.from("\r\n\r\n");

/**
 * A keep-alive connection with one request at a time. It understands only the answers of our
 * servers (with `content-length`, never chunked), so that the generator costs a fraction of what it
 * measures.
 */
export class Connection {
  readonly #socket: Socket;
  readonly #host: string;
  #expected: Expected | undefined;
  #received: Buffer = Buffer.alloc(0);

  private constructor(socket: Socket, host: string) {
    this.#socket = socket;
    this.#host = host;
    socket.setNoDelay(true);
    socket.on("data", (chunk) => this.#receive(chunk));
    socket.on("error", (error) => this.#fail(error));
    socket.on("close", () => this.#fail(new Error("The server closed the connection")));
  }

  /**
   * @param url such as `http://127.0.0.1:8080`
   * @param localAddress the address to call from. @default chosen by the system
   */
  static async open(url: string, localAddress?: string): Promise<Connection> {
    const { hostname, port, host } = new URL(url);
    const socket = connect({ host: hostname, port: Number(port), ...(localAddress && { localAddress }) });
    await once(socket, "connect");
    return new Connection(socket, host);
  }

  /**
   * Sends a request: a POST if it has a body, unless `method` says otherwise.
   *
   * @param options.head more header lines, each with its line break
   */
  call(
    path: string,
    options: { readonly method?: string; readonly body?: string; readonly head?: string } = {},
  ): Promise<RawAnswer> {
    const { body, method = body === undefined ? "GET" : "POST", head = "" } = options;
    const content =
      body === undefined
        ? ""
        : `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n`;
    return new Promise((resolve, reject) => {
      this.#expected = { resolve, reject };
      this.#socket.write(
        `${method} ${path} HTTP/1.1\r\nhost: ${this.#host}\r\n${head}${content}\r\n${body ?? ""}`,
      );
    });
  }

  close(): void {
    this.#socket.removeAllListeners("close");
    this.#socket.destroy();
  }

  #receive(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    const headEnd = this.#received.indexOf(HEAD_END);
    if (headEnd === -1) return;
    const head = this.#received.toString("latin1", 0, headEnd);
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0);
    const end = headEnd + HEAD_END.length + length;
    if (this.#received.length < end) return;
    const body = this.#received.toString("utf8", headEnd + HEAD_END.length, end);
    this.#received = this.#received.subarray(end);
    const expected = this.#expected;
    this.#expected = undefined;
    expected?.resolve({ status: Number(head.slice(9, 12)), body });
  }

  #fail(error: Error): void {
    this.#expected?.reject(error);
    this.#expected = undefined;
  }
}
