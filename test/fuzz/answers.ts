import { gunzipSync } from "node:zlib";

/** An HTTP answer as it was received. */
export interface Answer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  /** Without transfer encoding and content encoding. */
  readonly body: Buffer;
}

/** The data that a connection received: complete answers, and the bytes after them. */
export interface Received {
  readonly answers: readonly Answer[];
  readonly rest: Buffer;
}

const HEAD_END = Buffer.from("\r\n\r\n");

/**
 * Cuts the received data into answers.
 *
 * @param options.head the first answer has no body, whatever its headers say
 * @throws {Error} if the data is not HTTP
 */
export function readAnswers(bytes: Buffer, options: { readonly head: boolean }): Received {
  const answers: Answer[] = [];
  let rest = bytes;
  for (;;) {
    const next = readOne(rest, options.head && answers.length === 0);
    if (next === undefined) return { answers, rest };
    rest = rest.subarray(next.end);
    // Interim answers, such as 100 Continue, are skipped.
    if (next.answer.status >= 200) answers.push(next.answer);
  }
}

function readOne(
  bytes: Buffer,
  head: boolean,
): { readonly answer: Answer; readonly end: number } | undefined {
  const headEnd = bytes.indexOf(HEAD_END);
  if (headEnd === -1) return undefined;
  const [first = "", ...lines] = bytes.toString("latin1", 0, headEnd).split("\r\n");
  const status = Number(/^HTTP\/1\.1 (\d{3})(?: |$)/.exec(first)?.[1] ?? Number.NaN);
  if (Number.isNaN(status)) throw new Error(`The answer begins with ${JSON.stringify(first.slice(0, 100))}`);
  const headers = new Map(lines.map((line) => splitHeader(line)));
  const from = headEnd + HEAD_END.length;
  const bodyless = head || status < 200 || status === 204 || status === 304;
  const found = bodyless ? { content: Buffer.alloc(0), end: from } : bodyAt(bytes, from, headers);
  if (found === undefined) return undefined;
  // An answer to HEAD has the headers of a body but no body.
  const compressed = !bodyless && headers.get("content-encoding") === "gzip";
  const body = compressed ? gunzipSync(found.content) : found.content;
  return { answer: { status, headers, body }, end: found.end };
}

function splitHeader(line: string): [name: string, value: string] {
  const colon = line.indexOf(":");
  if (colon < 1 || /\s/.test(line.slice(0, colon)))
    throw new Error(`An answer has the header ${JSON.stringify(line)}`);
  return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
}

interface Content {
  readonly content: Buffer;
  readonly end: number;
}

function bodyAt(bytes: Buffer, from: number, headers: ReadonlyMap<string, string>): Content | undefined {
  if (headers.get("transfer-encoding") === "chunked") return chunksAt(bytes, from);
  const length = headers.get("content-length");
  if (length === undefined || !/^\d+$/.test(length)) throw new Error("An answer does not tell its length");
  const end = from + Number(length);
  return bytes.length < end ? undefined : { content: bytes.subarray(from, end), end };
}

function chunksAt(bytes: Buffer, from: number): Content | undefined {
  const chunks: Buffer[] = [];
  for (let at = from; ; ) {
    const lineEnd = bytes.indexOf("\r\n", at);
    if (lineEnd === -1) return undefined;
    const size = Number.parseInt(bytes.toString("latin1", at, lineEnd), 16);
    const end = lineEnd + 2 + size + 2;
    if (bytes.length < end) return undefined;
    if (size === 0) return { content: Buffer.concat(chunks), end };
    chunks.push(bytes.subarray(lineEnd + 2, end - 2));
    at = end;
  }
}
