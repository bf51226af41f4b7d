import type { IncomingHttpHeaders } from "node:http";
import { serviceError } from "../../../core/error/error.ts";
import { LIMITS } from "../../../core/limits.ts";
import type { Caller } from "../../../core/caller.ts";
import type { WaitingConnection } from "../../../core/ports/abort.ts";
import type { Authenticate, Sender } from "../../../core/ports/authenticate.ts";
import { headersTooLarge } from "../../header-refusals.ts";
import { splitTarget } from "../../target.ts";
import type { QueryParameter } from "../query.ts";
import type { RestRequest } from "../request.ts";
import { invalid, parseSection, type Section } from "./multipart.ts";

/** Headers that concern one request only, and are not inherited by the calls of a batch. */
const OWN_HEADERS: ReadonlySet<string> = new Set([
  "accept-encoding",
  "connection",
  "expect",
  "idempotency-key",
  "if-none-match",
  "keep-alive",
  "origin",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "x-http-method-override",
  "x-server-timeout",
]);

/**
 * The headers of a batch that apply to each of its calls, unless the call has its own: all except
 * those about the body and the outer request; credentials are included.
 *
 * @see https://developers.google.com/admin-sdk/directory/v1/guides/batch
 */
export function inheritedHeaders(outer: IncomingHttpHeaders): IncomingHttpHeaders {
  return Object.fromEntries(
    Object.entries(outer).filter(
      ([name]) => !OWN_HEADERS.has(name) && !name.startsWith("content-") && !name.startsWith("sec-fetch-"),
    ),
  );
}

/**
 * The headers that a call of a batch may have of its own. All others count from the batch alone: a
 * proxy or a framework that vouches for callers by a header (`Client-Cert`, `X-Forwarded-Email`)
 * removes that of the caller there, and cannot do so in a part.
 */
const CALL_HEADERS: ReadonlySet<string> = new Set([
  "accept",
  "authorization",
  "content-encoding",
  "content-length",
  "content-type",
  "host",
  "idempotency-key",
  "if-none-match",
  "prefer",
  "traceparent",
  "tracestate",
  "user-agent",
  "x-goog-api-client",
  "x-goog-api-format-version",
  "x-goog-api-key",
  "x-goog-fieldmask",
  "x-goog-quota-user",
  "x-goog-request-params",
  "x-goog-user-project",
  "x-http-method-override",
  "x-server-timeout",
]);

function headersOfCall(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => CALL_HEADERS.has(name)));
}

/** Method, address, and the protocol, which some clients omit. */
const REQUEST_LINE = /^(?:[ \t]*\r?\n)*([A-Za-z]{1,20}) +(\S+)(?: +HTTP\/\d(?:\.\d)?)?[ \t]*(?:\r?\n|$)/;

/** The parts shared by the calls of a batch. */
export interface PartOptions {
  /** Headers of the batch that apply to each call. */
  readonly inherited: IncomingHttpHeaders;
  /** The remaining time for waits in the batch. */
  readonly waitMsLeft: () => number;
  readonly authenticate: Authenticate;
  /** The path of the service as its callers see it, such as `/tools/`: they write it before the path of each call. */
  readonly root: string;
}

/** A call of a batch: the request in its part. */
export class PartRequest implements RestRequest {
  readonly method: string;
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  readonly inBatch = true;
  readonly #body: string;
  readonly #outer: RestRequest;
  readonly #options: PartOptions;

  /**
   * @throws {StatusError} INVALID_ARGUMENT BATCH_INVALID for a part without an HTTP request;
   *   HEADERS_TOO_LARGE if a connection would reject the address and headers, too
   */
  constructor(part: Section, outer: RestRequest, options: PartOptions) {
    const type = part.headers["content-type"] ?? "application/http";
    if (!/^application\/http\b/i.test(type)) {
      throw invalid("expected parts of type application/http", `got "${type.slice(0, 100)}"`);
    }
    const { headerBytesMax } = LIMITS;
    const match = REQUEST_LINE.exec(part.body.slice(0, headerBytesMax + 1));
    if (match === null) throw invalid("a part must begin with a request line such as GET /v1/operations");
    const [line] = match;
    if (line.length > headerBytesMax) throw headersTooLarge();
    const { headers, body } = parseSection(part.body.slice(line.length), headerBytesMax - line.length);
    this.method = (match[1] ?? "").toUpperCase();
    this.target = withoutRoot(match[2] ?? "", options.root);
    this.headers = { ...options.inherited, ...headersOfCall(headers) };
    this.#body = body;
    this.#outer = outer;
    this.#options = options;
  }

  get gone(): boolean {
    return this.#outer.gone;
  }

  get isSecure(): boolean {
    return this.#outer.isSecure;
  }

  get mount(): string {
    return this.#outer.mount;
  }

  get contentEncoding(): string | undefined {
    return this.headers["content-encoding"];
  }

  get localHost(): string {
    return this.#outer.localHost;
  }

  get waitMsMax(): number {
    return this.#options.waitMsLeft();
  }

  get socket(): Sender["socket"] {
    return this.#outer.socket;
  }

  get url(): string {
    return this.target;
  }

  caller(parameters?: readonly QueryParameter[]): Caller | Promise<Caller> {
    const { headers, socket } = this;
    return this.#options.authenticate(parameters === undefined ? this : { headers, socket, parameters });
  }

  waiting(): WaitingConnection {
    return new WaitingPart(this.#outer.waiting());
  }

  /** The batch is long work itself, and lets others run between its calls. */
  long<T>(work: () => Promise<T>): Promise<T> {
    return work();
  }

  page<T>(work: () => Promise<T>): Promise<T> {
    return this.#outer.page(work);
  }

  nextTurn(): Promise<void> {
    return Promise.resolve();
  }

  /** The body is a part of the batch's. */
  keepBody(): void {}

  /** Reads as much as the content length says, if there is one: line ends of the batch follow. */
  async readBody(bytesMax: number): Promise<Uint8Array> {
    const length = Number(this.headers["content-length"] ?? Number.NaN);
    const body = Number.isInteger(length) && length >= 0 ? this.#body.slice(0, length) : this.#body;
    if (body.length > bytesMax) {
      throw serviceError("BODY_TOO_LARGE", `The body is too large: ${LIMITS.bodyBytesMax} bytes at most.`, {
        metadata: { bytesMax: String(bytesMax) },
      });
    }
    // Parameters of a form end with their line.
    return Buffer.from(Number.isInteger(length) ? body : body.trimEnd(), "latin1");
  }
}

/** The target of a call below the service. */
function withoutRoot(target: string, root: string): string {
  if (root === "/") return target;
  const [path, query] = splitTarget(target);
  if (!path.startsWith(root)) return target;
  return `/${path.slice(root.length)}${query === "" ? "" : `?${query}`}`;
}

/** The connection of a batch, for one waiting call: other calls run meanwhile. */
class WaitingPart implements WaitingConnection {
  readonly #outer: WaitingConnection;

  constructor(outer: WaitingConnection) {
    this.#outer = outer;
  }

  get connection(): object {
    return this.#outer.connection;
  }

  get aborted(): boolean {
    return this.#outer.aborted;
  }

  addEventListener(type: "abort", listener: () => void): void {
    this.#outer.addEventListener(type, listener);
  }

  removeEventListener(type: "abort", listener: () => void): void {
    this.#outer.removeEventListener(type, listener);
  }

  stepAside(): void {}

  stepBack(): Promise<void> {
    return Promise.resolve();
  }
}
