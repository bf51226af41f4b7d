import { createCipheriv, createDecipheriv } from "node:crypto";
import { serviceError } from "../../core/error/error.ts";
import { LIMITS } from "../../core/limits.ts";
import type { ListPosition } from "../../core/list/order.ts";
import type { Random } from "../../core/ports/random.ts";

/**
 * A page token contains the position at which a list continues. It is sealed with the store's key:
 * callers can neither read nor forge it, and any server on the same store can open it. A token
 * belongs to one list (parent, filter and order) and is valid for some days.
 *
 * @see AIP-158; contract section 2.5
 */
export interface PagePosition {
  /** The request of the list without the page size; a token is refused for any other list. */
  readonly list: string;
  /** The place in the list that the page before ended at. */
  readonly after: ListPosition;
}

const CIPHER = "aes-256-gcm";
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Seals a position. */
export function sealPageToken(position: PagePosition, key: Uint8Array, now: number, random: Random): string {
  const nonce = random.bytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key, nonce);
  const plain = JSON.stringify([now, position.after, position.list]);
  const sealed = Buffer.concat([nonce, cipher.update(plain, "utf8"), cipher.final(), cipher.getAuthTag()]);
  return sealed.toString("base64url");
}

/**
 * Opens a token for a list.
 *
 * @param list must equal the `list` of the sealed position
 * @throws {StatusError} INVALID_ARGUMENT PAGE_TOKEN_INVALID unless it is a fresh token of this list
 */
export function openPageToken(token: string, list: string, key: Uint8Array, now: number): PagePosition {
  const opened = unseal(token, key);
  if (opened === undefined) throw refusal("it was not given by this service");
  const [sealedTime, after, sealedList] = opened;
  if (sealedList !== list)
    throw refusal("it belongs to another list; pass the same parent, filter and order as before");
  if (now - sealedTime > LIMITS.pageTokenLifeMs) throw refusal("it is too old; list again from the start");
  return { list, after };
}

function unseal(token: string, key: Uint8Array): [number, ListPosition, string] | undefined {
  // The decoder ignores characters outside Base64; a token must have only one valid spelling.
  if (!/^[\w-]+$/.test(token)) return undefined;
  const bytes = Buffer.from(token, "base64url");
  if (bytes.length <= NONCE_BYTES + TAG_BYTES) return undefined;
  const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, NONCE_BYTES), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
  try {
    const plain = Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
    return JSON.parse(plain.toString("utf8")) as [number, ListPosition, string];
  } catch {
    // The tag does not match, so the token is not ours. The reason would help only forgers.
    return undefined;
  }
}

function refusal(rule: string): Error {
  return serviceError("PAGE_TOKEN_INVALID", `Invalid page token: ${rule}.`);
}
