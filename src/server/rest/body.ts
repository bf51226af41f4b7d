import type { IncomingMessage } from "node:http";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { serviceError } from "../../core/error/error.ts";
import { LIMITS } from "../../core/limits.ts";
import type { JsonObject } from "../../core/operation/payload.ts";
import { invalidJson, jsonObjectOf } from "../json-object.ts";
import { roomFor } from "../sharing/body-room.ts";
import type { Hold } from "../sharing/room.ts";
import { bodyReadByOthers, isReadByOthers } from "./read-by-others.ts";

/**
 * Decompresses a body. Google's Java clients compress their requests.
 *
 * @param encoding the header `Content-Encoding`
 * @throws {StatusError} INVALID_ARGUMENT CONTENT_TYPE_UNSUPPORTED, BODY_INVALID, and BODY_TOO_LARGE
 *   if the decompressed body exceeds the limit
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
    throw invalidJson("it is not what gzip makes");
  }
}

const decompress = promisify(gunzip);

/**
 * The object in a JSON body, as {@link jsonObjectOf} parses it. @throws {StatusError}
 * INVALID_ARGUMENT BODY_INVALID
 */
export function parseJsonObject(bytes: Uint8Array): JsonObject {
  return jsonObjectOf(decodeUtf8(bytes));
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw invalidJson("it is not UTF-8");
  }
}

/**
 * Reads the bytes of a body, at most `bytesMax`, when there is room for them.
 *
 * @param hold gets the room; the code that uses the bytes must end it
 * @throws {StatusError} INVALID_ARGUMENT BODY_TOO_LARGE; INTERNAL BODY_CONSUMED if other code has read it and it is lost;
 *   UNAVAILABLE TOO_MANY_BODIES
 */
export function readBytes(
  request: IncomingMessage,
  bytesMax: number,
  hold: Pick<Hold, "take" | "keep">,
): Promise<Uint8Array> {
  if (isReadByOthers(request)) return keptByOthers(request, bytesMax);
  const { "content-length": announced, "content-encoding": encoding } = request.headers;
  const isUnknown = announced === undefined && mayFollow(request);
  const length = isUnknown ? bytesMax : Number(announced ?? 0);
  if (length > bytesMax) return Promise.reject(tooLarge(bytesMax));
  if (isUnknown && encoding === undefined) return readNow(request, bytesMax, () => hold.take(bytesMax));
  const turn = hold.take(roomFor(length, encoding !== undefined, bytesMax));
  if (turn === undefined) return readNow(request, bytesMax);
  return turn.then(() => {
    // Its end was announced while nobody listened.
    if (request.destroyed && !request.complete) throw hungUpError();
    return readNow(request, bytesMax);
  });
}

/** Whether a request may have a body although it does not announce a length. */
function mayFollow(request: IncomingMessage): boolean {
  if (request.httpVersionMajor < 2) return request.headers["transfer-encoding"] !== undefined;
  return (
    (request as { readonly stream?: { readonly endAfterHeaders?: boolean } }).stream?.endAfterHeaders !== true
  );
}

/** @param takeRoom takes room for a body of unknown length, as soon as it is not a small one */
function readNow(
  request: IncomingMessage,
  bytesMax: number,
  takeRoom?: () => Promise<void> | undefined,
): Promise<Uint8Array> {
  if (isHere(request)) {
    const bytes = readAll(request);
    return bytes.length > bytesMax ? Promise.reject(tooLarge(bytesMax)) : Promise.resolve(bytes);
  }
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
  const chunks: Uint8Array[] = [];
  let length = 0;
  let takesRoom = takeRoom;
  // The rest is read and discarded, so that the caller can receive the answer.
  const refuse = (error: Error): void => {
    length = bytesMax + 1;
    chunks.length = 0;
    reject(error);
    request.resume();
  };
  const take = (chunk: Uint8Array): void => {
    length += chunk.length;
    if (length > bytesMax) return refuse(tooLarge(bytesMax));
    chunks.push(chunk);
    if (takesRoom === undefined || length <= LIMITS.smallBodyBytesMax) return;
    const turn = takesRoom();
    takesRoom = undefined;
    if (turn === undefined) return;
    request.pause();
    turn.then(() => request.resume(), refuse);
  };
  // Remove the listeners, so that a request with a late answer does not keep its bytes in memory.
  const end = (): void => {
    request.off("data", take).off("end", end).off("error", hungUp).off("close", hungUp);
    resolve(Buffer.concat(chunks));
  };
  // The caller caused this, and nobody is left to be answered.
  const hungUp = (): void => reject(hungUpError());
  request.on("data", take).on("end", end).on("error", hungUp).on("close", hungUp);
  return promise;
}

function hungUpError(): Error {
  return invalidJson("it ended before all of it had arrived");
}

/** Whether a body has arrived completely and unread; usually it arrives with the head. */
function isHere({ httpVersionMajor, complete, readableFlowing }: IncomingMessage): boolean {
  return httpVersionMajor < 2 && complete && readableFlowing === null;
}

/** Reads the arrived body at once, without listeners for more. */
function readAll(request: IncomingMessage): Uint8Array {
  const first = request.read() as Buffer | null;
  if (first === null) return new Uint8Array();
  const chunks = [first];
  for (let next = request.read(); next !== null; next = request.read()) chunks.push(next as Buffer);
  return chunks.length === 1 ? first : Buffer.concat(chunks);
}

/** The body that other code has read, within the limit. */
async function keptByOthers(request: IncomingMessage, bytesMax: number): Promise<Uint8Array> {
  const bytes = bodyReadByOthers(request);
  if (bytes.length > bytesMax) throw tooLarge(bytesMax);
  return bytes;
}

function tooLarge(bytesMax: number): Error {
  return serviceError("BODY_TOO_LARGE", `The body is too large: ${bytesMax} bytes at most.`, {
    metadata: { bytesMax: String(bytesMax) },
  });
}
