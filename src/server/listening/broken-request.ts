import type { Duplex } from "node:stream";
import { DOMAIN_DEFAULT, type Reason, serviceError, type StatusError } from "../../core/error/error.ts";
import { LIMITS } from "../../core/limits.ts";
import type { Clock } from "../../core/ports/clock.ts";
import { httpStatusOfError } from "../../wire/code.ts";
import { errorBody } from "../../wire/error-body.ts";
import { ERROR_TYPE } from "../front.ts";
import { http } from "../http.ts";

const CLIENT_ERRORS: Readonly<Record<string, readonly [reason: Reason, message: string]>> = {
  HPE_HEADER_OVERFLOW: [
    "HEADERS_TOO_LARGE",
    `The address and headers are too large: ${LIMITS.headerBytesMax} bytes at most.`,
  ],
  ERR_HTTP_REQUEST_TIMEOUT: ["REQUEST_TIMED_OUT", "The request did not arrive in time."],
};

const MALFORMED = ["REQUEST_MALFORMED", "The request is not HTTP."] as const;

/** Answers a CONNECT request, which only a proxy serves. */
export function refuseConnect(socket: Duplex): void {
  const allow = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";
  const message =
    "CONNECT is for proxies, and this server is not one; send a request with its address instead.";
  const refusal = serviceError("METHOD_NOT_ALLOWED", message, { metadata: { method: "CONNECT", allow } });
  socket.on("error", () => socket.destroy());
  endWith(socket, refusal, [`allow: ${allow}`]);
}

const ERROR_VIEW = { format: 2, domain: DOMAIN_DEFAULT } as const;

/**
 * Answers bytes that are no HTTP request, which never reach a listener. The answer has the form of
 * all errors, and the connection is closed: when the caller closes it, or after
 * `LIMITS.unreadBodyMs`. Everything that arrives until then is discarded, so that no reset takes the
 * answer from a caller that still sends.
 */
export function answerClientError(
  error: Pick<NodeJS.ErrnoException, "code">,
  socket: Duplex,
  clock: Pick<Clock, "after">,
): void {
  // Node reports each further piece of the rest.
  if (ANSWERED.has(socket) && error.code !== "ECONNRESET") return;
  if (error.code === "ECONNRESET" || !socket.writable) return void socket.destroy();
  const [reason, message] = CLIENT_ERRORS[error.code ?? ""] ?? MALFORMED;
  endWith(socket, serviceError(reason, message));
  ANSWERED.add(socket);
  const timer = clock.after(LIMITS.unreadBodyMs, () => socket.destroy());
  socket.once("close", () => timer.cancel());
}

const ANSWERED = new WeakSet<Duplex>();

function endWith(socket: Duplex, refusal: StatusError, headers: readonly string[] = []): void {
  const status = httpStatusOfError(refusal);
  const body = errorBody(refusal, ERROR_VIEW);
  socket.end(
    [
      `HTTP/1.1 ${status} ${http.STATUS_CODES[status]}`,
      `content-type: ${ERROR_TYPE}`,
      `content-length: ${Buffer.byteLength(body)}`,
      ...headers,
      "connection: close",
      "",
      body,
    ].join("\r\n"),
  );
}
