import type { ClientRequest, IncomingMessage, ServerResponse } from "node:http";
import { serviceError, type StatusError } from "../core/error/error.ts";
import { LIMITS } from "../core/limits.ts";
import type { Clock, Timer } from "../core/ports/clock.ts";
import { answerError, timedOut, unreachable } from "./failure.ts";
import { endToEnd, forwardedHeaders, pairsOf, type ReachedBy } from "./headers.ts";
import type { Upstream } from "./upstream.ts";

/**
 * Requests that are passed through: bytes flow in both directions as they arrive, and each side is
 * read no faster than the other accepts data.
 *
 * Terms: the *caller* sends requests to the proxy, the proxy sends them to the *upstream*. If one
 * side disconnects, so does the other: a caller's request ends at the upstream, and an incomplete
 * answer of the upstream is cut at the caller, so that the caller can tell. An unreachable upstream
 * causes 502, and one that does not begin to answer in time 504. The duration of an answer is not
 * limited.
 */

/** The parts for passing requests. */
export interface PassingParts {
  readonly upstream: Upstream;
  readonly clock: Clock;
  /** The longest time until the upstream begins its answer, once it has the request. */
  readonly patienceMs: number;
  /** The address by which callers reach the proxy, if their requests do not show it. */
  readonly reachedBy: ReachedBy | undefined;
  /** The `domain` of errors. */
  readonly domain: string;
}

/** Called after the answer to one request. */
export type OnAnswered = (status: number, bytes: number) => void;

/** Passes requests through. */
export class Passing {
  readonly #parts: PassingParts;
  #underWay = 0;

  constructor(parts: PassingParts) {
    this.#parts = parts;
  }

  /** The number of requests and tunnels in progress. */
  get underWay(): number {
    return this.#underWay;
  }

  /** Counts a request until its caller's side closes. @returns an error if the limit is reached */
  enter(side: { on(event: "close", listener: () => void): unknown }): StatusError | undefined {
    if (this.#underWay >= LIMITS.proxyPassedMax) {
      const message = `This proxy passes ${LIMITS.proxyPassedMax} requests at once, and they are under way. Try again.`;
      return serviceError("TOO_MANY_PASSED_REQUESTS", message);
    }
    this.#underWay++;
    side.on("close", () => void this.#underWay--);
    return undefined;
  }

  /** Passes a request through. */
  pass(request: IncomingMessage, response: ServerResponse, onAnswered?: OnAnswered): void {
    const full = this.enter(response);
    if (full !== undefined) return answerError(request, response, full, this.#parts.domain);
    this.#send(request, response, { onAnswered, isAgain: false });
  }

  /** The headers of a request for the upstream. */
  headersOf(request: IncomingMessage): string[] {
    return forwardedHeaders(request, this.#parts.reachedBy);
  }

  #send(request: IncomingMessage, response: ServerResponse, how: Sending): void {
    const { upstream, domain } = this.#parts;
    const hasBody = bodyOf(request) !== undefined;
    const refuse = (error: StatusError): void => answerError(request, response, error, domain);
    let outgoing: ClientRequest;
    try {
      const headers = this.headersOf(request);
      if (bodyOf(request) === "chunked")
        headers.push("Transfer-Encoding", "chunked", ...trailersNamed(request));
      outgoing = upstream.request({ method: request.method ?? "GET", target: targetOf(request), headers });
    } catch {
      return refuse(
        serviceError(
          "REQUEST_MALFORMED",
          "The request cannot be passed on: its address or a header is no HTTP.",
        ),
      );
    }
    const patience = this.#patience(request, outgoing);
    outgoing.on("continue", () => response.writeContinue());
    outgoing.on("response", (incoming) => {
      patience.end();
      relay(request, { incoming, response, clock: this.#parts.clock }, how.onAnswered);
    });
    outgoing.on("error", (error) => {
      patience.end();
      // The upstream has just closed a kept-alive connection without reading anything, and the
      // request is safe to repeat anyway.
      const mayRepeat = outgoing.reusedSocket && !hasBody && !how.isAgain && SAFE.has(request.method ?? "");
      if (response.headersSent || response.destroyed) response.destroy();
      else if (patience.isOver) refuse(timedOut(this.#parts.patienceMs));
      else if (patience.isCallerLate)
        refuse(serviceError("REQUEST_TIMED_OUT", "The request did not arrive in time."));
      else if (mayRepeat) this.#send(request, response, { ...how, isAgain: true });
      else refuse(unreachable(error));
    });
    response.on("close", () => {
      patience.end();
      if (!response.writableFinished || !request.complete) outgoing.destroy();
    });
    if (hasBody) upload(request, outgoing, this.#parts.clock);
    else outgoing.end();
  }

  #patience(request: IncomingMessage, outgoing: ClientRequest): Patience {
    const { clock, patienceMs } = this.#parts;
    return new Patience(request, {
      clock,
      patienceMs,
      giveUp: () => outgoing.destroy(new Error("no answer")),
    });
  }
}

interface Sending {
  readonly onAnswered: OnAnswered | undefined;
  readonly isAgain: boolean;
}

/** Methods that a proxy may repeat. @see RFC 9110, section 9.2.1 */
const SAFE: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

/** How the end of a request's body is determined; undefined without a body. */
function bodyOf({ headers }: IncomingMessage): "length" | "chunked" | undefined {
  if (headers["transfer-encoding"] !== undefined) return "chunked";
  return Number(headers["content-length"] ?? 0) > 0 ? "length" : undefined;
}

/** Path and query, also of an absolute address. */
export function targetOf({ url = "/" }: IncomingMessage): string {
  if (url.startsWith("/") || url === "*") return url;
  const local = url.replace(/^https?:\/\/[^/?#]*/i, "");
  return local.startsWith("/") ? local : `/${local}`;
}

function trailersNamed({ headers }: IncomingMessage): readonly string[] {
  const { trailer } = headers;
  return typeof trailer === "string" && trailer !== "" ? ["Trailer", trailer] : [];
}

function upload(request: IncomingMessage, outgoing: ClientRequest, clock: Clock): void {
  let begun = false;
  request.once("data", () => (begun = true));
  request.once("end", () => {
    if (request.rawTrailers.length > 0)
      outgoing.addTrailers(
        [...pairsOf(request.rawTrailers)].map(([name, value]): [string, string] => [name, value]),
      );
  });
  request.pipe(outgoing);
  // Sends the head before a body that has not arrived: the upstream may answer before the body.
  clock.soon(() => {
    if (!begun && !outgoing.destroyed && !outgoing.writableEnded) outgoing.flushHeaders();
  });
}

/** The two sides of an answer. */
export interface Relay {
  readonly incoming: IncomingMessage;
  readonly response: ServerResponse;
  readonly clock: Clock;
}

/** Passes an answer on as it arrives. */
export function relay(
  request: IncomingMessage,
  { incoming, response, clock }: Relay,
  onAnswered?: OnAnswered,
): void {
  const { statusCode: status = 0, statusMessage } = incoming;
  if (response.destroyed) return void incoming.destroy();
  const headers = endToEnd(incoming);
  const { trailer } = incoming.headers;
  if (typeof trailer === "string" && incoming.headers["content-length"] === undefined)
    headers.push("Trailer", trailer);
  // Do not read the rest of the request for long after the answer.
  if (!request.complete) response.shouldKeepAlive = false;
  response.sendDate = false;
  let bytes = 0;
  let begun = false;
  incoming.once("data", () => (begun = true));
  if (onAnswered !== undefined) {
    incoming.on("data", (chunk: Buffer) => void (bytes += chunk.length));
    response.on("close", () => onAnswered(status, bytes));
  }
  incoming.once("end", () => {
    const trailers = [...pairsOf(incoming.rawTrailers)].map(([name, value]): [string, string] => [
      name,
      value,
    ]);
    if (trailers.length > 0 && response.chunkedEncoding) response.addTrailers(trailers);
  });
  // If the upstream's answer breaks off, so does the caller's.
  incoming.on("error", () => response.destroy());
  try {
    response.writeHead(status, statusMessage, headers);
  } catch {
    return answerError(request, response, unreachable(new Error("the answer of the upstream is no HTTP")));
  }
  incoming.pipe(response);
  // For event streams and the like, the head is useful before there is a body.
  clock.soon(() => {
    if (!begun && !response.writableEnded && !response.destroyed) response.flushHeaders();
  });
}

/**
 * Ends a stalled request: the caller sends nothing more, or the upstream does not begin to answer.
 */
class Patience {
  #timer: Timer | undefined;
  #read = 0;
  #ended = false;
  isOver = false;
  isCallerLate = false;

  constructor(
    request: IncomingMessage,
    how: { readonly clock: Clock; readonly patienceMs: number; readonly giveUp: () => void },
  ) {
    const { clock, patienceMs, giveUp } = how;
    const begin = (ms: number): void => {
      this.#timer?.cancel();
      if (!this.#ended) this.#timer = clock.after(ms, look);
    };
    const look = (): void => {
      const { bytesRead } = request.socket;
      if (!request.complete && bytesRead > this.#read) {
        this.#read = bytesRead;
        return begin(LIMITS.proxyUploadMs);
      }
      if (request.complete) this.isOver = true;
      else this.isCallerLate = true;
      giveUp();
    };
    if (request.complete) {
      begin(patienceMs);
      return;
    }
    this.#read = request.socket.bytesRead;
    request.once("end", () => begin(patienceMs));
    begin(LIMITS.proxyUploadMs);
  }

  end(): void {
    this.#ended = true;
    this.#timer?.cancel();
  }
}
