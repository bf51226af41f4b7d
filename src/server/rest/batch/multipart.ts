import { serviceError } from "../../../core/error/error.ts";
import { LIMITS } from "../../../core/limits.ts";
import { headersTooLarge, tooManyHeaders } from "../../header-refusals.ts";

/** Headers by lower-case name. */
export type PartHeaders = Readonly<Record<string, string>>;

/** Headers, a blank line and a body: a part, or the HTTP message in it. */
export interface Section {
  readonly headers: PartHeaders;
  /** Bytes as Latin-1. */
  readonly body: string;
}

/**
 * The boundary in a content type. It is often quoted, and may then contain `=` and other
 * characters.
 *
 * @throws {StatusError} INVALID_ARGUMENT BATCH_INVALID
 * @see RFC 2046, section 5.1.1
 */
export function boundaryOf(contentType: string | undefined): string {
  const [, quoted, plain] =
    /^\s*multipart\/mixed\s*;(?:.*;)?\s*boundary=(?:"([^"]{1,70})"|([^\s";]{1,70}))\s*(?:;.*)?$/i.exec(
      contentType ?? "",
    ) ?? [];
  const boundary = quoted ?? plain;
  if (boundary !== undefined) return boundary;
  throw invalid(
    'expected the content type multipart/mixed; boundary="…"',
    `got "${(contentType ?? "").slice(0, 100)}"`,
  );
}

/**
 * Splits a multipart body. Lines end with CRLF or, from Python's client, with LF. (Existing parsers
 * are made for forms with files.) It yields after each `STEP_BYTES`, so that other calls can have
 * their turns.
 *
 * @throws {StatusError} INVALID_ARGUMENT BATCH_INVALID for a body that is not completely framed by
 *   the boundary, and for more than `partsMax` parts
 * @see contract section 5.4
 */
export function* parseMultipart(
  bytes: Uint8Array,
  boundary: string,
  partsMax: number,
): Generator<void, readonly Section[]> {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
  const parts: Section[] = [];
  const delimiters = new Delimiters(bytes, text, boundary);
  let delimiter: Delimiter | undefined = yield* delimiters.next(0);
  if (delimiter === undefined) throw invalid(`no line is "--${boundary}"`);
  while (!delimiter.closes) {
    const next: Delimiter | undefined = yield* delimiters.next(delimiter.end);
    if (next === undefined) throw invalid(`the last line must be "--${boundary}--"`);
    if (parts.length >= partsMax) throw invalid(`at most ${partsMax} calls are possible`);
    parts.push(parseSection(text.slice(delimiter.end, next.start)));
    delimiter = next;
  }
  return parts;
}

interface Delimiter {
  /** The end of the part before it. */
  readonly start: number;
  /** The start of the part after it. */
  readonly end: number;
  /** Whether it is the last delimiter. */
  readonly closes: boolean;
}

/** White space may follow the boundary; in the last line two dashes come first. */
const LINE_REST = /(--)?[ \t]*(?:\r?\n|$)/y;

/** The bytes that are searched between two turns. They take 8 ms at most. */
const STEP_BYTES = 1_048_576;

const LINE_FEED = 0x0a;
const DASH = 0x2d;

/** Finds the delimiter lines, in order. */
class Delimiters {
  readonly #bytes: Uint8Array;
  readonly #text: string;
  readonly #line: string;
  #stepEnd = STEP_BYTES;
  #falseLines = 0;

  /** @param text the bytes as Latin-1 */
  constructor(bytes: Uint8Array, text: string, boundary: string) {
    this.#bytes = bytes;
    this.#text = text;
    this.#line = `--${boundary}`;
  }

  /** @throws {StatusError} INVALID_ARGUMENT BATCH_INVALID */
  *next(from: number): Generator<void, Delimiter | undefined> {
    const text = this.#text;
    for (let at = yield* this.#lineAt(from); at !== -1; at = yield* this.#lineAt(at + 1)) {
      LINE_REST.lastIndex = at + this.#line.length;
      const rest = LINE_REST.exec(text);
      if (rest === null) this.#passOver();
      else {
        const closes = rest[1] !== undefined;
        return { start: Math.max(from, withoutLineEnd(text, at)), end: LINE_REST.lastIndex, closes };
      }
    }
    return undefined;
  }

  /** The start of the next line that begins like a delimiter; -1 for none. */
  *#lineAt(from: number): Generator<void, number> {
    const { length } = this.#bytes;
    for (let start = from; ; ) {
      const end = Math.min(length, Math.max(start, this.#stepEnd));
      const at = this.#lineWithin(start, end);
      if (at !== -1 || end === length) return at;
      yield;
      this.#stepEnd = end + STEP_BYTES;
      start = end;
    }
  }

  /**
   * The same, if the line begins before `end`. Each character is examined once: `indexOf` would
   * stop at each line end, and a body may consist of line ends.
   */
  #lineWithin(from: number, end: number): number {
    // Reads bytes, which is several times as fast as reading a text outside of the heap.
    const bytes = this.#bytes;
    let isLineStart = from === 0 || bytes[from - 1] === LINE_FEED;
    for (let at = from; at < end; at++) {
      const character = bytes[at];
      if (isLineStart && character === DASH && this.#beginsAt(at)) return at;
      isLineStart = character === LINE_FEED;
    }
    return -1;
  }

  /** Whether a line begins like a delimiter. */
  #beginsAt(at: number): boolean {
    const line = this.#line;
    let length = 1;
    while (length < line.length && this.#bytes[at + length] === line.charCodeAt(length)) length++;
    return length === line.length;
  }

  #passOver(): void {
    const { batchFalseBoundariesMax } = LIMITS;
    if (++this.#falseLines <= batchFalseBoundariesMax) return;
    throw invalid(`more than ${batchFalseBoundariesMax} lines begin with "${this.#line}" and go on`);
  }
}

/** The line end before a delimiter belongs to the delimiter. */
function withoutLineEnd(text: string, at: number): number {
  if (text[at - 1] !== "\n") return at;
  return text[at - 2] === "\r" ? at - 2 : at - 1;
}

/**
 * Parses the headers up to the first blank line, and the body after it. A line that begins with
 * white space continues the previous one.
 *
 * @param bytesMax the largest size of the headers
 * @throws {StatusError} INVALID_ARGUMENT HEADERS_TOO_LARGE if they are larger, or have more than
 * `LIMITS.headersMax` lines
 */
export function parseSection(text: string, bytesMax: number = LIMITS.headerBytesMax): Section {
  // Search only as far as headers may reach: a part may have megabytes without a blank line.
  const near = text.slice(0, bytesMax + BLANK_LENGTH_MAX);
  const blank = /^\r?\n|\r?\n\r?\n/.exec(near);
  const head = near.slice(0, blank?.index);
  if (head.length > bytesMax) throw headersTooLarge();
  const lines = head.replaceAll(/\r?\n[ \t]+/g, " ").split(/\r?\n/);
  if (lines.length > LIMITS.headersMax) throw tooManyHeaders(lines.length);
  const headers: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const line of lines) {
    const colon = line.indexOf(":");
    if (colon > 0) headers[line.slice(0, colon).trim().toLowerCase()] = line.slice(colon + 1).trim();
  }
  return { headers, body: blank === null ? "" : text.slice(blank.index + blank[0].length) };
}

/** The length of two line ends. */
const BLANK_LENGTH_MAX = 4;

/** The error for an invalid batch. */
export function invalid(rule: string, got = ""): Error {
  return serviceError("BATCH_INVALID", `Invalid batch: ${rule}${got === "" ? "" : `, ${got}`}.`);
}
