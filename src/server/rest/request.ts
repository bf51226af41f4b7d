import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Caller } from "../../core/caller.ts";
import type { WaitingConnection } from "../../core/ports/abort.ts";
import type { Sender } from "../../core/ports/authenticate.ts";
import type { Exchange } from "../front.ts";
import { streamOf } from "../http2/message.ts";
import { Hold } from "../sharing/room.ts";
import type { Share } from "../sharing/share.ts";
import { mountOf } from "../mount.ts";
import { readBytes } from "./body.ts";
import { contentEncodingOf } from "./read-by-others.ts";
import type { QueryParameter } from "./query.ts";
import type { Route } from "./router.ts";
import type { ToldRequest } from "./told-request.ts";

/** A request as calls see it, over its own connection or as a part of a batch. */
export interface RestRequest extends Sender {
  readonly headers: IncomingHttpHeaders;
  /** The HTTP method as it was sent, before any override. */
  readonly method: string;
  /** Path and query, or an absolute address. */
  readonly target: string;
  /** Whether the caller has disconnected. */
  readonly gone: boolean;
  /** Whether this is a call of a batch. */
  readonly inBatch: boolean;
  /** The longest time for a wait, besides the wait's own timeout. Undefined for no such limit. */
  readonly waitMsMax: number | undefined;
  /** The local address as `host:port`, for callers whose Host cannot be used. */
  readonly localHost: string;
  /** Whether it arrived over TLS. */
  readonly isSecure: boolean;
  /** The prefix that a framework has removed from the path, such as `tools/`. Empty for none. */
  readonly mount: string;
  /** The compression of the body, as {@link readBody} will return it. */
  readonly contentEncoding: string | undefined;
  /** Records the route of the request. Absent for calls of a batch. */
  onRoute?(route: Route, path: string): void;
  /**
   * Determines the caller.
   *
   * @param parameters those of the query and of a form, if there is one
   * @throws {StatusError} for invalid credentials; the promise rejects likewise
   */
  caller(parameters?: readonly QueryParameter[]): Caller | Promise<Caller>;
  /** The connection for waits. */
  waiting(): WaitingConnection;
  /**
   * Runs long work when it is this connection's turn.
   *
   * @throws {StatusError} CANCELLED CALLER_GONE, and errors of `work`
   */
  long<T>(work: () => Promise<T>): Promise<T>;
  /**
   * Reads a page of a list and makes its answer, when the process has room for a page.
   *
   * @throws {StatusError} UNAVAILABLE TOO_MANY_PAGES; CANCELLED CALLER_GONE, and errors of `work`
   */
  page<T>(work: () => Promise<T>): Promise<T>;
  /** Lets all other work have its turns of the event loop, during long work. */
  nextTurn(): Promise<void>;
  /**
   * Reads the body without decoding it.
   *
   * @throws {StatusError} INVALID_ARGUMENT BODY_TOO_LARGE; INTERNAL BODY_CONSUMED; UNAVAILABLE
   *   TOO_MANY_BODIES
   */
  readBody(bytesMax: number): Promise<Uint8Array>;
  /** Says how many bytes the call still needs of the body. */
  keepBody(bytes: number): void;
}

/** A request with its own response. */
export class ConnectionRequest implements RestRequest {
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #share: Share;
  readonly #authenticate: RestRequest["caller"];
  readonly #told: Pick<ToldRequest, "onRoute"> | undefined;
  #hold: Hold | undefined;

  constructor(
    { request, response, share }: Exchange,
    authenticate: RestRequest["caller"],
    told?: Pick<ToldRequest, "onRoute">,
  ) {
    this.#told = told;
    this.#request = request;
    this.#response = response;
    this.#share = share;
    this.#authenticate = authenticate;
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

  get socket(): Socket {
    return this.#request.socket;
  }

  get gone(): boolean {
    return isGone(this.#response);
  }

  get inBatch(): boolean {
    return false;
  }

  get waitMsMax(): undefined {
    return undefined;
  }

  get isSecure(): boolean {
    return "encrypted" in this.#request.socket;
  }

  get mount(): string {
    return mountOf(this.#request);
  }

  get contentEncoding(): string | undefined {
    return contentEncodingOf(this.#request);
  }

  get localHost(): string {
    const { localAddress = "127.0.0.1", localPort = 80 } = this.#request.socket;
    return `${localAddress.includes(":") ? `[${localAddress}]` : localAddress}:${localPort}`;
  }

  onRoute(route: Route, path: string): void {
    this.#told?.onRoute(route, path);
  }

  caller(parameters?: readonly QueryParameter[]): Caller | Promise<Caller> {
    return this.#authenticate(parameters);
  }

  waiting(): WaitingConnection {
    return new WaitingResponse(this.#response, this.#share, this);
  }

  long<T>(work: () => Promise<T>): Promise<T> {
    return this.#share.long(this.#response, work);
  }

  page<T>(work: () => Promise<T>): Promise<T> {
    return this.#share.page(this.#response, work);
  }

  nextTurn(): Promise<void> {
    return this.#share.nextTurn();
  }

  readBody(bytesMax: number): Promise<Uint8Array> {
    this.#hold ??= new Hold(this.#share.bodies);
    return readBytes(this.#request, bytesMax, this.#hold);
  }

  keepBody(bytes: number): void {
    this.#hold?.keep(bytes);
  }

  /** Ends the use of the body. Every call must end with it. */
  endBody(): void {
    this.#hold?.end();
    this.#hold = undefined;
  }
}

/**
 * A response whose caller waits. It aborts when the connection closes, even after the answer, when
 * nobody listens any more.
 */
class WaitingResponse implements WaitingConnection {
  readonly #response: ServerResponse;
  readonly connection: Share;
  readonly #request: Pick<ConnectionRequest, "endBody">;

  constructor(response: ServerResponse, share: Share, request: Pick<ConnectionRequest, "endBody">) {
    this.#request = request;
    this.#response = response;
    this.connection = share;
  }

  /** The call only waits, and no longer needs its body. */
  stepAside(): void {
    this.#request.endBody();
    this.connection.stepAside(this.#response);
  }

  stepBack(): Promise<void> {
    return this.connection.stepBack(this.#response);
  }

  get aborted(): boolean {
    return isGone(this.#response);
  }

  addEventListener(_type: "abort", listener: () => void): void {
    // The calls of a batch share a response, and a thousand of them may wait.
    this.#response.setMaxListeners(0).on("close", listener);
  }

  removeEventListener(_type: "abort", listener: () => void): void {
    this.#response.off("close", listener);
  }
}

/**
 * Whether the caller has disconnected. A pipelined response has no socket yet, so the request's is
 * checked.
 */
export function isGone(response: ServerResponse): boolean {
  const stream = streamOf(response);
  if (stream !== undefined) return stream.destroyed;
  return response.destroyed || response.req.socket.destroyed;
}
