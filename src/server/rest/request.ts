import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import { readBytes } from "./body.ts";

/** A request as the calls see it, whether it came over a connection of its own or as a part of a batch. */
export interface RestRequest {
  /** The HTTP method as it came; an override is not looked at yet. */
  readonly method: string;
  /** Path and query, or an absolute address. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  /** Whether nobody is there to be answered any more. */
  readonly gone: boolean;
  /** Whether this is a call of a batch. */
  readonly inBatch: boolean;
  /** The longest that it may wait, besides its own timeout. Undefined for no such bound. */
  readonly waitMsMax: number | undefined;
  /** Where it arrived, as `host:port`, for callers whose Host cannot be used. */
  readonly localHost: string;
  /** Aborts when the caller hangs up. */
  signal(): AbortSignal;
  /**
   * The body as it came.
   *
   * @throws {StatusError} INVALID_ARGUMENT BODY_TOO_LARGE
   */
  readBody(bytesMax: number): Promise<Uint8Array>;
}

/** A request that has its answer to itself. */
export class ConnectionRequest implements RestRequest {
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  #hangUp: AbortController | undefined;

  constructor(request: IncomingMessage, response: ServerResponse) {
    this.#request = request;
    this.#response = response;
  }

  get method(): string {
    return this.#request.method ?? "GET";
  }

  get target(): string {
    return this.#request.url ?? "/";
  }

  get headers(): IncomingHttpHeaders {
    return this.#request.headers;
  }

  /** A pipelined response has no socket yet, so the request's is asked. */
  get gone(): boolean {
    return this.#response.destroyed || this.#request.socket.destroyed;
  }

  get inBatch(): boolean {
    return false;
  }

  get waitMsMax(): undefined {
    return undefined;
  }

  get localHost(): string {
    const { localAddress = "127.0.0.1", localPort = 80 } = this.#request.socket;
    return `${localAddress.includes(":") ? `[${localAddress}]` : localAddress}:${localPort}`;
  }

  /** Made when first asked for. Aborts when the connection closes, also after the answer, when nobody listens any more. */
  signal(): AbortSignal {
    if (this.#hangUp !== undefined) return this.#hangUp.signal;
    const controller = (this.#hangUp = new AbortController());
    if (this.gone) controller.abort(HUNG_UP);
    else this.#response.once("close", () => controller.abort(HUNG_UP));
    return controller.signal;
  }

  readBody(bytesMax: number): Promise<Uint8Array> {
    return readBytes(this.#request, bytesMax);
  }
}

/** One for all: a reason of its own for each would cost each wait a stack trace. */
const HUNG_UP = new Error("The caller hung up");
