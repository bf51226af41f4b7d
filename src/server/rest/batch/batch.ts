import type { Clock } from "../../../core/ports/clock.ts";
import { serviceError, StatusError } from "../../../core/error/error.ts";
import { LIMITS } from "../../../core/limits.ts";
import type { Random } from "../../../core/ports/random.ts";
import { HTTP_OK } from "../../../wire/code.ts";
import type { Authenticate } from "../../../core/ports/authenticate.ts";
import { http } from "../../http.ts";
import { decompressed } from "../body.ts";
import { contentTypeOf } from "../media-type.ts";
import { CallParameters, type QueryParameter } from "../query.ts";
import type { Reply } from "../reply.ts";
import type { RestRequest } from "../request.ts";
import { boundaryOf, invalid, parseMultipart, type Section } from "./multipart.ts";
import { inheritedHeaders, type PartOptions, PartRequest } from "./part.ts";

/** The parts needed to answer a batch. */
export interface BatchOptions {
  /** Without the system parameters. */
  readonly query: readonly QueryParameter[];
  /** Answers one call; rejects it if a refusal is given. Never rejects. */
  readonly answer: (request: RestRequest, refusal?: StatusError) => Promise<Reply>;
  /** The path of the service as its callers see it, such as `/tools/`. */
  readonly root: string;
  /** The longest time for all calls together. */
  readonly waitMsMax: number;
  readonly authenticate: Authenticate;
  readonly clock: Clock;
  readonly random: Random;
}

/**
 * Answers many calls in one: each in its own part, in the order of the requests; an error stays in
 * its part, and the whole has status 200. The calls run concurrently, in no particular order.
 *
 * @throws {StatusError} INVALID_ARGUMENT BATCH_INVALID, BODY_TOO_LARGE for a batch that cannot be
 *   parsed; none of its calls then runs
 * @see contract section 5.4
 */
export async function answerBatch(request: RestRequest, options: BatchOptions): Promise<Reply> {
  if (request.inBatch) throw invalid("a batch cannot hold another batch");
  CallParameters.check(options.query, []);
  const { batchBytesMax, batchCallsMax } = LIMITS;
  const boundary = boundaryOf(contentTypeOf([], request.headers["content-type"]));
  const { contentEncoding } = request;
  const sent = await request.readBody(batchBytesMax);
  const bytes = await decompressed(sent, contentEncoding, batchBytesMax);
  request.keepBody(bytes.length);
  const parsing = parseMultipart(bytes, boundary, batchCallsMax);
  let step = parsing.next();
  for (; step.done !== true; step = parsing.next()) await request.nextTurn();
  const parts = step.value;
  if (parts.length === 0) throw invalid("it holds no call");
  const replies = await answerAll(parts, request, options);
  return batchReply(replies, `batch_${Buffer.from(options.random.bytes(16)).toString("base64url")}`);
}

/** The longest time that the calls of a batch may hold the event loop. */
const SLICE_MS = 10;

/**
 * Answers the parts, a limited number at a time. Most calls finish immediately, and then their size
 * is known before the next one begins; a longer call is not awaited. Other callers get turns in
 * between.
 */
async function answerAll(
  parts: readonly Section[],
  request: RestRequest,
  { answer, authenticate, root, waitMsMax, clock }: BatchOptions,
): Promise<readonly Buffer[]> {
  const replies: Buffer[] = [];
  const inherited = inheritedHeaders(request.headers);
  const end = clock.monotonic() + waitMsMax;
  const waitMsLeft = (): number => Math.max(0, end - clock.monotonic());
  const underWay = new Set<Promise<void>>();
  let bytes = 0;
  let sliceEnd = clock.monotonic() + SLICE_MS;
  const nextTurn = (): Promise<void> =>
    new Promise((go) =>
      clock.soon(() => {
        sliceEnd = clock.monotonic() + SLICE_MS;
        go();
      }),
    );
  const begin = async (part: Section, index: number): Promise<void> => {
    const call = partRequest(part, request, { inherited, waitMsLeft, authenticate, root });
    const refusal = bytes > LIMITS.batchAnswerBytesMax ? tooLarge() : call.refusal;
    const reply = await answer(call.request, refusal);
    bytes += reply.body.length;
    // Converted to bytes at once, because converting all answers together would take too long for
    // one turn.
    replies[index] = partBytes(reply, part);
  };
  for (const [index, part] of parts.entries()) {
    if (request.gone) break;
    const answered: Promise<void> = begin(part, index).finally(() => underWay.delete(answered));
    underWay.add(answered);
    await Promise.race([answered, nextTurn()]);
    if (clock.monotonic() >= sliceEnd) await nextTurn();
    if (underWay.size >= LIMITS.batchConcurrency) await Promise.race(underWay);
  }
  await Promise.all(underWay);
  return replies;
}

/**
 * The request in a part; if the part contains none, a request that is only used for the rejection.
 */
function partRequest(
  part: Section,
  outer: RestRequest,
  options: PartOptions,
): { readonly request: RestRequest; readonly refusal?: StatusError } {
  try {
    return { request: new PartRequest(part, outer, options) };
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    const request = new PartRequest({ headers: {}, body: "GET /" }, outer, options);
    return { request, refusal: error };
  }
}

function tooLarge(): StatusError {
  const bytesMax = LIMITS.batchAnswerBytesMax;
  return serviceError(
    "BATCH_TOO_LARGE",
    `The answers of this batch are larger than ${bytesMax} bytes already; send this call again.`,
    { metadata: { bytesMax: String(bytesMax) } },
  );
}

/**
 * A reply after its boundary. Python's client splits each part at the first CRLF CRLF after its
 * status line, so all lines end with CRLF.
 */
function partBytes(reply: Reply, part: Section): Buffer {
  const id = responseId(part.headers["content-id"]);
  return Buffer.from(`\r\nContent-Type: application/http\r\n${id}\r\n${httpText(reply)}\r\n`);
}

function batchReply(parts: readonly Buffer[], boundary: string): Reply {
  const delimiter = Buffer.from(`--${boundary}`);
  return {
    status: HTTP_OK,
    headers: {
      "content-type": `multipart/mixed; boundary=${boundary}`,
      "cache-control": "private, no-cache",
      "x-content-type-options": "nosniff",
    },
    body: Buffer.concat([...parts.flatMap((part) => [delimiter, part]), delimiter, Buffer.from("--\r\n")]),
  };
}

/** The id of the call with the prefix `response-`, inside the angle brackets if there are any. */
function responseId(contentId: string | undefined): string {
  if (contentId === undefined || contentId === "") return "";
  const id = contentId.startsWith("<") ? `<response-${contentId.slice(1)}` : `response-${contentId}`;
  return `Content-ID: ${Buffer.from(id, "latin1").toString("utf8")}\r\n`;
}

function httpText({ status, headers, body: content }: Reply): string {
  // Always text: calls of a batch that ask for bytes are rejected.
  const body = typeof content === "string" ? content : Buffer.from(content).toString();
  const lines = Object.entries(headers).map(([name, value]) => `${titled(name)}: ${value}\r\n`);
  const length = body === "" ? "" : `Content-Length: ${Buffer.byteLength(body)}\r\n`;
  return `HTTP/1.1 ${status} ${http.STATUS_CODES[status] ?? "Unknown"}\r\n${lines.join("")}${length}\r\n${body}`;
}

/**
 * `content-type` as `Content-Type`, as in Google's answers, because not all clients ignore the case
 * in parts.
 */
function titled(name: string): string {
  return name.replaceAll(/\b[a-z]/g, (letter) => letter.toUpperCase());
}
