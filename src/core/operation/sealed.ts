import { serviceError, type StatusError } from "../error/error.ts";
import { formatName } from "./name.ts";
import type { Operation } from "./operation.ts";

/**
 * The format of an encrypted text, as far as code without the key needs it: the prefix, and the
 * part for lists. Keys and ciphers are in `src/encryption`.
 */

/**
 * The prefix of a sealed text. No JSON begins with a control character, so a payload cannot look
 * sealed. Sealed texts are ASCII, because other strings take twice the memory.
 */
export const SEAL = "\u0001sealed:";

/**
 * Replaces a lost request: a seal without content.
 *
 * @alias SEAL
 */
export const LOST_REQUEST: string = SEAL;

/**
 * The request of a record.
 *
 * @throws {StatusError} DATA_LOSS PAYLOAD_LOST if it is lost; UNAVAILABLE KEY_UNAVAILABLE if only
 * this process lacks the key
 */
export function readableRequest(operation: Pick<Operation, "id" | "parent" | "request">): string {
  const { request } = operation;
  if (!isSealed(request)) return request;
  if (request !== LOST_REQUEST) throw keyUnavailable();
  const name = formatName(operation);
  const message = `The request of operation "${name}" cannot be read any more.`;
  throw serviceError("PAYLOAD_LOST", message, { metadata: { operation: name } });
}

/** Refuses a record with sealed payloads. @throws {StatusError} UNAVAILABLE KEY_UNAVAILABLE */
export function requireOpen({ metadata, response, error }: Operation): void {
  const isShown = [metadata?.json, response?.json, error?.message];
  if (isShown.some((text) => text !== undefined && isSealed(text))) throw keyUnavailable();
}

/** For callers; the log names the key. */
export function keyUnavailable(): StatusError {
  return serviceError(
    "KEY_UNAVAILABLE",
    "The payloads of the operation are encrypted with a key that this process does not have; try again.",
  );
}

/** Whether a text is sealed, or lost. */
export function isSealed(text: string): boolean {
  return text.startsWith(SEAL);
}

/** Joins the two parts of a sealed text: the part for lists, and the whole text. */
export function joinSealed(head: string, whole: string): string {
  return `${head}.${whole.slice(SEAL.length)}`;
}

/** The sealed part for lists; empty if there is none. The rest of the text may be cut off. */
export function sealedHead(text: string): string {
  const end = text.indexOf(".");
  return end === -1 ? "" : text.slice(0, end);
}

/** The whole of a sealed text, without its part for lists. */
export function sealedWhole(text: string): string {
  const end = text.indexOf(".");
  return end === -1 ? text : SEAL + text.slice(end + 1);
}
