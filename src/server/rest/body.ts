import type { IncomingMessage } from "node:http";
import { serviceError } from "../../core/error.ts";
import { LIMITS } from "../../core/limits.ts";
import { type JsonObject, jsonDepth } from "../../core/payload.ts";

/**
 * The JSON object in the body of a POST. An empty body is `{}`, whatever its content type says, since half of the clients
 * send one for `:cancel` (contract section 3.5). The content type is not looked at: who sends JSON means JSON.
 *
 * @throws {StatusError} INVALID_ARGUMENT BODY_TOO_LARGE, BODY_INVALID
 */
export async function readJsonBody(request: IncomingMessage): Promise<JsonObject> {
  if (request.readableEnded) return bodyReadByOthers(request);
  const encoding = request.headers["content-encoding"];
  if (encoding !== undefined && encoding !== "identity") {
    throw invalid(`it is encoded as "${encoding.slice(0, 50)}"; send it as it is`);
  }
  return parseJsonObject(await readBytes(request, LIMITS.bodyBytesMax));
}

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

function readBytes(request: IncomingMessage, bytesMax: number): Promise<Uint8Array> {
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
  request.on("error", reject);
  request.on("close", () => reject(new Error("The caller hung up before the body had arrived")));
  return promise;
}

/** Where a framework that we are mounted in has read and parsed the body already. */
function bodyReadByOthers(request: IncomingMessage): JsonObject {
  const { body } = request as { readonly body?: unknown };
  return parseJsonObject(body instanceof Uint8Array ? body : Buffer.from(JSON.stringify(body ?? {})));
}

function invalid(rule: string): Error {
  return serviceError("BODY_INVALID", `Invalid JSON payload received: ${rule}.`);
}

function tooLarge(bytesMax: number): Error {
  return serviceError("BODY_TOO_LARGE", `The body is too large: ${bytesMax} bytes at most.`, {
    metadata: { bytesMax: String(bytesMax) },
  });
}
