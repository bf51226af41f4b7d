import { connect, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { type Answer, readAnswers } from "./answers.ts";
import type { Attack } from "./request.ts";

/** The result of an attack. */
export interface Response {
  readonly answers: readonly Answer[];
  /**
   * A problem of the connection itself: no answer in time, a broken connection, or data that is not
   * HTTP.
   */
  readonly problem?: string;
}

/** Longer than any requested wait, on a busy machine. */
const PATIENCE_MS = 10_000;
/** The time for an answer to a broken request; after it the connection is cut. */
const BROKEN_PATIENCE_MS = 40;
const PAUSE_MS = 3;

/**
 * A client connection with one attack at a time. It reconnects whenever the server has closed the
 * connection.
 */
export class FuzzConnection {
  readonly #port: number;
  #socket: Socket | undefined;
  #received: Buffer = Buffer.alloc(0);
  #onChange: () => void = () => {};

  constructor(port: number) {
    this.#port = port;
  }

  /** Sends an attack and returns the answers. Never rejects. */
  async send(attack: Attack): Promise<Response> {
    return attack.mode === "whole" ? this.#sendWhole(attack) : this.#sendBroken(attack);
  }

  close(): void {
    this.#socket?.destroy();
    this.#socket = undefined;
  }

  async #sendWhole(attack: Attack): Promise<Response> {
    const reused = this.#socket !== undefined && !this.#socket.destroyed;
    const response = await this.#exchange(attack, PATIENCE_MS, ({ answers }) => answers.length > 0);
    // The server may close an idle connection just as a request is sent; then the request is sent
    // again.
    const closed = response.problem === CLOSED && response.answers.length === 0;
    if (closed && reused) return this.#sendWhole(attack);
    const last = response.answers.at(-1);
    if (last === undefined || last.headers.get("connection") === "close") this.close();
    return response;
  }

  async #sendBroken(attack: Attack): Promise<Response> {
    this.close();
    const response = await this.#exchange(attack, BROKEN_PATIENCE_MS, () => false);
    this.close();
    const harmless = response.problem === CLOSED || response.problem === SILENT;
    return harmless ? { answers: response.answers } : response;
  }

  /**
   * Writes the pieces and collects answers until there are enough, the connection ends, or the time
   * is up.
   */
  async #exchange(
    { pieces, head }: Attack,
    patienceMs: number,
    enough: (response: Response) => boolean,
  ): Promise<Response> {
    const socket = this.#open();
    for (const [index, piece] of pieces.entries()) {
      if (index > 0) await delay(PAUSE_MS);
      if (socket.writable) socket.write(piece);
    }
    const { promise: late, resolve: ring } = Promise.withResolvers<"late">();
    const timer = setTimeout(() => ring("late"), patienceMs);
    try {
      for (;;) {
        const response = this.#read(head);
        if (response.problem !== undefined || enough(response)) return response;
        if (socket.destroyed || socket.readableEnded) return { ...response, problem: CLOSED };
        if ((await Promise.race([this.#change(), late])) === "late") return { ...response, problem: SILENT };
      }
    } finally {
      clearTimeout(timer);
    }
  }

  #read(head: boolean): Response {
    try {
      const { answers } = readAnswers(this.#received, { head });
      return { answers };
    } catch (error) {
      return { answers: [], problem: error instanceof Error ? error.message : String(error) };
    }
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#onChange = resolve;
    });
  }

  #open(): Socket {
    this.#received = Buffer.alloc(0);
    if (this.#socket !== undefined && !this.#socket.destroyed && this.#socket.writable) return this.#socket;
    const socket = connect({ host: "127.0.0.1", port: this.#port, noDelay: true });
    this.#socket = socket;
    socket.on("data", (chunk) => {
      if (socket !== this.#socket) return;
      this.#received = Buffer.concat([this.#received, chunk]);
      this.#onChange();
    });
    // A broken request may get a reset; a "close" event follows it.
    socket.on("error", () => {});
    socket.on("end", () => this.#onChange());
    socket.on("close", () => this.#onChange());
    return socket;
  }
}

const CLOSED = "The connection was closed without an answer";
const SILENT = "Nothing was answered";
