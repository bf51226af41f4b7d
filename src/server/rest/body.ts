import type { IncomingMessage } from "node:http";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { serviceError } from "../../core/error.ts";
import { LIMITS } from "../../core/limits.ts";
import { type JsonObject, jsonDepth } from "../../core/payload.ts";

/**
 * Takes away the compression of a body. Google's Java clients compress what they send.
 *
 * @param encoding the header `Content-Encoding`
 * @throws {StatusError} INVALID_ARGUMENT CONTENT_TYPE_UNSUPPORTED, BODY_INVALID, and BODY_TOO_LARGE for one that swells
 *   beyond the limit
 */
export async function decompressed(
  bytes: Uint8Array,
  encoding: string | undefined,
  bytesMax: number,
): Promise<Uint8Array> {
  const name = encoding?.trim().toLowerCase() ?? "";
  if (name === "" || name === "identity" || bytes.length === 0) return bytes;
  if (name !== "gzip" && name !== "x-gzip") {
    const shown = name.slice(0, 50);
    throw serviceError(
      "CONTENT_TYPE_UNSUPPORTED",
      `The body is encoded as "${shown}"; send it as it is, or with gzip.`,
      { metadata: { contentEncoding: shown } },
    );
  }
  try {
    return await decompress(bytes, { maxOutputLength: bytesMax });
  } catch (error) {
    if (error instanceof RangeError) throw tooLarge(bytesMax);
    throw invalid("it is not what gzip makes");
  }
}

const decompress = promisify(gunzip);

/**
 * Reads JSON text that must be an object.
 *
 * A key `__proto__` is dropped: it is a field of no message, and whoever copies the object with `Object.assign` would
 * set a prototype.
 *
 * @throws {StatusError} INVALID_ARGUMENT BODY_INVALID
 */
export function parseJsonObject(bytes: Uint8Array): JsonObject {
  const text = decodeUtf8(bytes);
  if (text.trim() === "") return {};
  // Before the parser sees it: parsers recurse.
  if (jsonDepth(text) > LIMITS.jsonDepthMax)
    throw invalid(`nested more than ${LIMITS.jsonDepthMax} levels deep`);
  const value = parse(text);
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw invalid("expected an object");
  return value as JsonObject;
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw invalid("it is not UTF-8");
  }
}

/** Spelled out or with escapes. */
const MAY_HAVE_PROTO = /__proto__|\\u00(?:5f|70|72|6f|74)/i;

function parse(text: string): unknown {
  try {
    if (!MAY_HAVE_PROTO.test(text)) return JSON.parse(text);
    return JSON.parse(text, (key, value: unknown) => (key === "__proto__" ? undefined : value));
  } catch (error) {
    throw invalid(error instanceof SyntaxError ? error.message : "it is not JSON");
  }
}

/**
 * The bytes of a body, as far as `bytesMax`.
 *
 * @throws {StatusError} INVALID_ARGUMENT BODY_TOO_LARGE
 */
export function readBytes(request: IncomingMessage, bytesMax: number): Promise<Uint8Array> {
  if (request.readableEnded) return Promise.resolve(bodyReadByOthers(request));
  if (Number(request.headers["content-length"] ?? 0) > bytesMax) return Promise.reject(tooLarge(bytesMax));
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
  const chunks: Uint8Array[] = [];
  let length = 0;
  request.on("data", (chunk: Uint8Array) => {
    length += chunk.length;
    if (length <= bytesMax) return void chunks.push(chunk);
    // What is still to come is read and forgotten, so that the caller gets to see the answer.
    chunks.length = 0;
    reject(tooLarge(bytesMax));
  });
  request.on("end", () => resolve(Buffer.concat(chunks)));
  // The caller's doing, and nobody is left to be told.
  const hungUp = (): void => reject(invalid("it ended before all of it had arrived"));
  request.on("error", hungUp);
  request.on("close", hungUp);
  return promise;
}

/** Where a framework that we are mounted in has read and parsed the body already. */
function bodyReadByOthers(request: IncomingMessage): Uint8Array {
  const { body } = request as { readonly body?: unknown };
  if (body instanceof Uint8Array) return body;
  if (body === undefined) return new Uint8Array();
  return Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
}

function invalid(rule: string): Error {
  return serviceError("BODY_INVALID", `Invalid JSON payload received: ${rule}.`);
}

function tooLarge(bytesMax: number): Error {
  return serviceError("BODY_TOO_LARGE", `The body is too large: ${bytesMax} bytes at most.`, {
    metadata: { bytesMax: String(bytesMax) },
  });
}
