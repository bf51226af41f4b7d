import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { once } from "node:events";

/** A received request. */
export interface Arrival {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly path: string;
  readonly method: string;
}

/** Answers a request, immediately or later. */
export type Answering = (response: ServerResponse, arrival: Arrival) => void;

/** A server on this machine that records its requests. */
export class Receiver implements AsyncDisposable {
  readonly arrivals: Arrival[] = [];
  /** The answer to further requests. */
  answer: Answering = (response) => void response.writeHead(204).end();
  readonly #server = createServer();
  readonly #waiting = new Set<() => void>();

  static async open(): Promise<Receiver> {
    const receiver = new Receiver();
    receiver.#server.on("request", (request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const body = Buffer.concat(chunks).toString();
        const { headers, url: path = "", method = "" } = request;
        const arrival = { headers, body, path, method };
        receiver.arrivals.push(arrival);
        receiver.answer(response, arrival);
        for (const look of receiver.#waiting) look();
      });
    });
    receiver.#server.listen(0, "127.0.0.1");
    await once(receiver.#server, "listening");
    return receiver;
  }

  /** An address such as `http://127.0.0.1:40000`. */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Resolves after `count` requests. */
  async until(count: number): Promise<readonly Arrival[]> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const look = (): void => {
      if (this.arrivals.length >= count) resolve();
    };
    this.#waiting.add(look);
    look();
    await promise;
    this.#waiting.delete(look);
    return this.arrivals;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#server.listening) return;
    this.#server.closeAllConnections();
    const closed = once(this.#server, "close");
    this.#server.close();
    await closed;
  }
}

/** The networks of this machine. */
export const LOOPBACK = ["127.0.0.0/8", "::1/128"] as const;
