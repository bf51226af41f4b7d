import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** A caller that watches an operation and records only when it was told of the end. */
export class WatchingConnection {
  readonly #socket: Socket;
  readonly #begun = Promise.withResolvers<void>();
  readonly #ended = Promise.withResolvers<number>();
  #text = "";

  private constructor(socket: Socket) {
    this.#socket = socket;
    // If the watch could not begin, nobody awaits this promise.
    this.#ended.promise.catch(() => undefined);
    socket.setNoDelay(true);
    socket.setEncoding("latin1").on("data", (chunk: string) => this.#receive(chunk));
    socket.on("error", (error) => this.#fail(error));
    socket.on("close", () => this.#fail(new Error("The server closed the connection")));
  }

  /** Resolves when the caller has received the first state of the operation. */
  static async open(url: string, path: string): Promise<WatchingConnection> {
    const { hostname, port, host } = new URL(url);
    const socket = connect({ host: hostname, port: Number(port) });
    await once(socket, "connect");
    const watching = new WatchingConnection(socket);
    socket.write(`GET ${path}:watch HTTP/1.1\r\nhost: ${host}\r\n\r\n`);
    await watching.#begun.promise;
    return watching;
  }

  /**
   * Milliseconds from the operation's end time, as the watch reports it, to the caller's receipt.
   */
  get lateness(): Promise<number> {
    return this.#ended.promise;
  }

  close(): void {
    this.#socket.removeAllListeners("close");
    this.#socket.destroy();
  }

  #receive(chunk: string): void {
    this.#text = (this.#text + chunk).slice(-4_096);
    if (this.#text.includes("\nid: ")) this.#begun.resolve();
    if (!this.#text.includes('"done":true')) return;
    const endTime = /"endTime":"([^"]+)"/.exec(this.#text)?.[1] ?? "";
    this.#ended.resolve(Date.now() - Date.parse(endTime));
  }

  #fail(error: Error): void {
    this.#begun.reject(error);
    this.#ended.reject(error);
  }
}
