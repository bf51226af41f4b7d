import type { IncomingMessage } from "node:http";
import { serviceError } from "../../core/error/error.ts";
import { bodyKindOf } from "./media-type.ts";

/**
 * Bodies of requests in a server of the user's, where a body parser of the framework can run before
 * the service: `express.json()`, `multer`, a logger.
 */

/** Whether other code has begun to read the body. Only before our own first read. */
export function isReadByOthers({ readableEnded, readableDidRead }: IncomingMessage): boolean {
  return readableEnded || readableDidRead;
}

/** The compression of a body that is still to be decompressed. Body parsers have done this. */
export function contentEncodingOf(request: IncomingMessage): string | undefined {
  return isReadByOthers(request) ? undefined : request.headers["content-encoding"];
}

/**
 * The body that other code has read, from the place where body parsers put it: the bytes in
 * `rawBody`, or the value in `body`. A parsed form is refused: `curl -d` declares JSON as a form, and
 * the parser of forms destroys it.
 *
 * @throws {StatusError} INTERNAL BODY_CONSUMED for a body that is lost
 */
export function bodyReadByOthers(request: IncomingMessage): Uint8Array {
  const { rawBody, body } = request as { readonly rawBody?: unknown; readonly body?: unknown };
  for (const bytes of [rawBody, body]) if (bytes instanceof Uint8Array) return bytes;
  if (typeof body === "string") return Buffer.from(body);
  if (!request.readableDidRead) return new Uint8Array();
  const isForm = bodyKindOf(request.headers["content-type"]) === "form";
  const json = isForm ? undefined : jsonOf(body);
  if (json === undefined) throw consumed();
  return Buffer.from(json);
}

/** Undefined for a value that JSON has no text for. */
function jsonOf(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}

function consumed(): Error {
  const message =
    "The program that serves this address read the body before the service could. Mount the service before all body parsers (docs/mounting.md).";
  return serviceError("BODY_CONSUMED", message, { cause: new Error("another listener has read the body") });
}
