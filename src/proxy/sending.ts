import { createHash } from "node:crypto";
import type { ClientRequest, IncomingMessage } from "node:http";
import { serviceError, type StatusError } from "../core/error/error.ts";
import { LIMITS } from "../core/limits.ts";
import type { Context } from "../core/method/method.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { Credentials } from "./credentials.ts";
import { timedOut, unreachable } from "./failure.ts";
import { endToEnd, isCredential, pairsOf } from "./headers.ts";
import type { Header, KeptAnswer, KeptRequest } from "./record.ts";
import type { Upstream } from "./upstream.ts";

/** The parts for sending requests. */
export interface SendingParts {
  readonly upstream: Upstream;
  readonly clock: Clock;
  /** The longest time until the upstream has answered, to the last byte. */
  readonly patienceMs: number;
  /** Reads the credentials of requests. Undefined if they are dropped. */
  readonly credentials?: Pick<Credentials, "of"> | undefined;
  /** The trace of the attempt; undefined for none. */
  readonly traceparent: () => string | undefined;
}

/**
 * Sends the request of an operation to the upstream: one attempt.
 *
 * @throws {StatusError} UNAVAILABLE UPSTREAM_UNREACHABLE, which is retried; ABORTED
 *   UPSTREAM_ANSWER_LOST for a request that must not be repeated; DEADLINE_EXCEEDED
 *   UPSTREAM_TIMED_OUT; FAILED_PRECONDITION RESPONSE_TOO_LARGE, CREDENTIALS_UNREADABLE
 */
export async function send(
  request: KeptRequest,
  context: Pick<Context, "name" | "attempt" | "signal">,
  parts: SendingParts,
): Promise<KeptAnswer> {
  const isOnce = isSentOnce(request);
  // An earlier attempt may have reached the upstream unnoticed.
  if (isOnce && context.attempt > 1) throw answerLost();
  const secret = (await parts.credentials?.of(context.name)) ?? [];
  const whole = secret.length === 0 ? request : { ...request, headers: [...request.headers, ...secret] };
  try {
    return await sendOnce(whole, context, parts);
  } catch (error) {
    context.signal.throwIfAborted();
    if (isOnce && isUnreachable(error)) throw answerLost(error);
    throw error;
  }
}

/**
 * Whether a request must not be repeated: its method is not idempotent, and it has no idempotency
 * key.
 */
function isSentOnce({ method, headers }: KeptRequest): boolean {
  const isUnsafe = method === "POST" || method === "PATCH";
  return isUnsafe && !headers.some(([name]) => name.toLowerCase() === "idempotency-key");
}

function isUnreachable(error: unknown): boolean {
  return error instanceof Error && (error as StatusError).reason === "UPSTREAM_UNREACHABLE";
}

function answerLost(cause?: unknown): StatusError {
  return serviceError(
    "UPSTREAM_ANSWER_LOST",
    "The request was sent once and its answer was lost. It was not repeated, since it has no Idempotency-Key; it may have been carried out.",
    { cause },
  );
}

/** Headers that the proxy itself adds to requests. */
const OWN: ReadonlySet<string> = new Set([
  "content-length",
  "longrunning-operation",
  "idempotency-key",
  "traceparent",
]);

function headersFor(
  { headers, method, body }: KeptRequest,
  { name }: Pick<Context, "name">,
  { traceparent }: SendingParts,
): string[] {
  const key = headers.find(([each]) => each.toLowerCase() === "idempotency-key")?.[1];
  const sent = headers.find(([each]) => each.toLowerCase() === "traceparent")?.[1];
  const trace = traceparent() ?? sent;
  const hasLength = body !== "" || method === "POST" || method === "PUT" || method === "PATCH";
  return [
    ...headers.filter(([each]) => !OWN.has(each.toLowerCase())).flat(),
    ...(hasLength ? ["Content-Length", String(Buffer.byteLength(body, "base64"))] : []),
    "Longrunning-Operation",
    encodeURI(name),
    "Idempotency-Key",
    // The id is the same for all attempts.
    key ?? name.slice(name.lastIndexOf("/") + 1),
    ...(trace === undefined ? [] : ["traceparent", trace]),
  ];
}

async function sendOnce(
  request: KeptRequest,
  context: Pick<Context, "name" | "attempt" | "signal">,
  parts: SendingParts,
): Promise<KeptAnswer> {
  const { upstream, clock, patienceMs } = parts;
  const { promise, resolve, reject } = Promise.withResolvers<KeptAnswer>();
  const { method, target } = request;
  const outgoing: ClientRequest = upstream.request({
    method,
    target,
    headers: headersFor(request, context, parts),
  });
  const giveUp = (error: unknown): void => {
    reject(error);
    outgoing.destroy();
  };
  const abort = (): void => giveUp(context.signal.reason);
  const timer = clock.after(patienceMs, () => giveUp(timedOut(patienceMs)));
  outgoing.on("error", (error) => reject(unreachable(error)));
  outgoing.on("response", (incoming) => void collect(incoming).then(resolve, giveUp));
  context.signal.addEventListener("abort", abort);
  try {
    context.signal.throwIfAborted();
    outgoing.end(Buffer.from(request.body, "base64"));
    return await promise;
  } finally {
    timer.cancel();
    context.signal.removeEventListener("abort", abort);
  }
}

/** @throws {StatusError} UPSTREAM_UNREACHABLE for an incomplete answer, RESPONSE_TOO_LARGE */
async function collect(incoming: IncomingMessage): Promise<KeptAnswer> {
  const { statusCode: status = 0, statusMessage: statusText = "" } = incoming;
  const headers = [...pairsOf(endToEnd(incoming, LEFT_OUT))].filter(([name]) => !isCredential(name));
  const length = headers.reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  if (length > LIMITS.proxyAnswerHeadersMax)
    throw tooLarge("headers", LIMITS.proxyAnswerHeadersMax, { status, headers: [] });
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  try {
    for await (const chunk of incoming as AsyncIterable<Buffer>) {
      sizeBytes += chunk.length;
      if (sizeBytes > LIMITS.proxyAnswerBytesMax)
        throw tooLarge("body", LIMITS.proxyAnswerBytesMax, { status, headers });
      chunks.push(chunk);
    }
  } catch (error) {
    throw (error as StatusError).reason === "RESPONSE_TOO_LARGE" ? error : unreachable(error);
  }
  const bytes = Buffer.concat(chunks);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  return { status, statusText, headers, body: bytes.toString("base64"), sizeBytes, sha256 };
}

/** The body determines the length; for a request without a body it has no meaning. */
const LEFT_OUT: ReadonlySet<string> = new Set(["content-length"]);

function tooLarge(
  what: "headers" | "body",
  max: number,
  head: { readonly status: number; readonly headers: readonly Header[] },
): StatusError {
  const message = `The ${what} of the upstream's answer cannot be kept: ${max} bytes at most. Its status was ${head.status}.`;
  return serviceError("RESPONSE_TOO_LARGE", message, {
    metadata: { status: String(head.status), bytesMax: String(max) },
    details: [{ "@type": HEAD_TYPE, value: { status: head.status, headers: head.headers } }],
  });
}

/** The type of the detail with the status and headers of an answer whose body was not kept. */
const HEAD_TYPE = "type.googleapis.com/google.protobuf.Struct";
