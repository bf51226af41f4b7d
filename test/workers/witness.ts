import { once } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Turns } from "./turns.ts";

/** The next order for a handler. */
export type Order =
  /** Reports progress, and continues. */
  | { readonly do: "report"; readonly metadata: object }
  /** Waits until the library says that the result is no longer wanted. */
  | { readonly do: "wait" }
  /** Computes for this long, without a pause in which other work could run. */
  | { readonly do: "compute"; readonly ms: number }
  | { readonly do: "return"; readonly response: object | null }
  /** Fails with an error that callers see. */
  | { readonly do: "fail"; readonly code: string; readonly message: string; readonly retry: boolean }
  /** Fails like a program with a bug. `odd`: in the strangest way that the language allows. */
  | { readonly do: "throw"; readonly message: string; readonly odd?: boolean }
  /** Ends like a handler that was stopped. */
  | { readonly do: "stop" };

/** A handler's message about itself. */
export interface Said {
  readonly event: "began" | "done" | "stopped";
  readonly operation: string;
  readonly attempt: number;
  readonly request?: { readonly value?: unknown };
  readonly lastReport?: unknown;
}

/**
 * A handler that runs in a worker. Each call sends an order, and is answered when the handler has
 * carried it out.
 */
export class Run {
  readonly began: Said;
  #response: ServerResponse;
  readonly #said = new Turns<{ readonly said: Said; readonly response: ServerResponse }>();

  constructor(began: Said, response: ServerResponse) {
    this.began = began;
    this.#response = response;
  }

  /**
   * @returns "stopped" if the library said that the result is no longer wanted, otherwise "done"
   */
  async report(metadata: object): Promise<Said["event"]> {
    return await this.#tell({ do: "report", metadata });
  }

  async stopped(): Promise<void> {
    await this.#tell({ do: "wait" });
  }

  async compute(ms: number): Promise<void> {
    await this.#tell({ do: "compute", ms });
  }

  /** Ends the handler. It sends no further message. */
  end(order: Extract<Order, { readonly do: "return" | "fail" | "throw" | "stop" }>): void {
    this.#response.end(JSON.stringify(order));
  }

  returns(value: unknown): void {
    this.end({ do: "return", response: { value } });
  }

  fails(code: string, message: string, { retry = false } = {}): void {
    this.end({ do: "fail", code, message, retry });
  }

  /** Receives the handler's message after an order. */
  hear(said: Said, response: ServerResponse): void {
    this.#said.put({ said, response });
  }

  async #tell(order: Order): Promise<Said["event"]> {
    this.#response.end(JSON.stringify(order));
    const { said, response } = await this.#said.next();
    this.#response = response;
    return said.event;
  }
}

/**
 * Controls the handlers of a worker. A handler posts its messages to the URL in its request; the
 * answer is its next order, which the test gives. So a handler runs for as long as the case needs
 * it, and no case sleeps.
 */
export class Witness implements AsyncDisposable {
  readonly #server: Server;
  readonly #runs = new Map<string, Turns<Run>>();
  readonly #open = new Map<string, Run>();

  static async start(): Promise<Witness> {
    const witness = new Witness();
    witness.#server.listen(0, "127.0.0.1");
    await once(witness.#server, "listening");
    return witness;
  }

  private constructor() {
    this.#server = createServer((request, response) => {
      let text = "";
      request.setEncoding("utf8").on("data", (part: string) => (text += part));
      request.on("end", () => this.#hear(request.url ?? "", JSON.parse(text) as Said, response));
    });
  }

  /** The URL to which handlers of a case post. */
  url(id: string): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/${id}`;
  }

  /** The next handler of a case to begin. */
  run(id: string): Promise<Run> {
    return this.#turns(`/${id}`).next();
  }

  /** Handlers of a case that have begun and that no `run` has taken. */
  waiting(id: string): number {
    return this.#turns(`/${id}`).length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  #turns(path: string): Turns<Run> {
    const turns = this.#runs.get(path) ?? new Turns();
    this.#runs.set(path, turns);
    return turns;
  }

  #hear(path: string, said: Said, response: ServerResponse): void {
    const key = `${said.operation} ${said.attempt}`;
    if (said.event !== "began") {
      this.#open.get(key)?.hear(said, response);
      return;
    }
    const run = new Run(said, response);
    this.#open.set(key, run);
    this.#turns(path).put(run);
  }
}
