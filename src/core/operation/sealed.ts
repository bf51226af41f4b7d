import { serviceError, type StatusError } from "../error/error.ts";
import { formatName } from "./name.ts";
import type { Operation } from "./operation.ts";

/**
 * The form of a text that is encrypted where it is kept, as far as those must know it who have no key: what begins it, and the
 * part of it that a list shows. Keys and ciphers are in `src/encryption`.
 */

/**
 * Begins a sealed text, with a control character in front: no JSON begins with it, so that no payload can be taken for a sealed
 * one. It is of ASCII as all behind it is: texts with other characters take twice the memory.
 */
export const SEAL = "\u0001sealed:";

/**
 * Stands in the place of a request that cannot be read any more, by anybody: a seal with nothing behind it.
 *
 * @alias SEAL
 */
export const LOST_REQUEST: string = SEAL;

/**
 * The request of a record.
 *
 * @throws {StatusError} DATA_LOSS PAYLOAD_LOST where nobody can read it any more; UNAVAILABLE KEY_UNAVAILABLE where this process
 *   cannot
 */
export function readableRequest(operation: Pick<Operation, "id" | "parent" | "request">): string {
  const { request } = operation;
  if (!isSealed(request)) return request;
  if (request !== LOST_REQUEST) throw keyUnavailable();
  const name = formatName(operation);
  const message = `The request of operation "${name}" cannot be read any more.`;
  throw serviceError("PAYLOAD_LOST", message, { metadata: { operation: name } });
}

/** Refuses what would be shown as it is kept. @throws {StatusError} UNAVAILABLE KEY_UNAVAILABLE */
export function requireOpen({ metadata, response, error }: Operation): void {
  const isShown = [metadata?.json, response?.json, error?.message];
  if (isShown.some((text) => text !== undefined && isSealed(text))) throw keyUnavailable();
}

/** For callers; the log has which key it is. */
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

/** A text that is sealed in two parts: what a list shows of it, and the whole. */
export function joinSealed(head: string, whole: string): string {
  return `${head}.${whole.slice(SEAL.length)}`;
}

/** The part of a sealed text that a list shows, sealed; empty where there is none. The text may be cut behind it. */
export function sealedHead(text: string): string {
  const end = text.indexOf(".");
  return end === -1 ? "" : text.slice(0, end);
}

/** The whole of a sealed text, without the part that a list shows. */
export function sealedWhole(text: string): string {
  const end = text.indexOf(".");
  return end === -1 ? text : SEAL + text.slice(end + 1);
}
