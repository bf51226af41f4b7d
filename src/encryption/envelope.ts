import { createCipheriv, createDecipheriv, type KeyObject } from "node:crypto";
import { invariant } from "../core/invariant.ts";
import { SEAL } from "../core/operation/sealed.ts";
import { isStorable } from "../core/value/text.ts";

/**
 * Sealed texts: AES-256-GCM, as text for any column.
 *
 * ```
 * SEAL  base64url( 1 | id of the KEK (8) | id of the DEK (12) | IV (12) | ciphertext | tag (16) )
 * ```
 *
 * A sealed text contains the id of the key that encrypted it (the *DEK*), and of the key that
 * wrapped the DEK at that time (its *KEK*). The place of a text is authenticated with it
 * (`binding`), so that it opens only in its own place.
 *
 * @see NIST SP 800-38D
 */
const VERSION = 1;
export const KEK_ID_BYTES = 8;
export const DEK_ID_BYTES = 12;
export const IV_BYTES = 12;
const TAG_BYTES = 16;
const HEADER_BYTES = 1 + KEK_ID_BYTES + DEK_ID_BYTES;
const CIPHER = "aes-256-gcm";

/** The header of all texts that a key seals. */
export function headerOf(kekId: Uint8Array, dekId: Uint8Array): Buffer {
  return Buffer.concat([Buffer.of(VERSION), kekId, dekId]);
}

/** Seals a text. The IV is random, and never used for another text of the key. */
export function seal(
  key: { readonly header: Uint8Array; readonly secret: KeyObject },
  text: string,
  { binding, iv }: { readonly binding: string; readonly iv: Uint8Array },
): string {
  invariant(isStorable(text), "there is text that stores cannot keep");
  const cipher = createCipheriv(CIPHER, key.secret, iv).setAAD(Buffer.from(binding));
  const parts = [key.header, iv, cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()];
  return SEAL + Buffer.concat(parts).toString("base64url");
}

/**
 * The position of the DEK's id in base64url: nine bytes precede it and it has twelve, so both are
 * whole characters.
 */
const ID_FROM = SEAL.length + ((1 + KEK_ID_BYTES) / 3) * 4;
const ID_TO = ID_FROM + (DEK_ID_BYTES / 3) * 4;

/** The id of a sealed text's DEK, in base64url; meaningless for a text that is not sealed. */
export function dekIdOf(sealed: string): string {
  return sealed.slice(ID_FROM, ID_TO);
}

/**
 * Opens a sealed text. @returns undefined if it was sealed with another key or for another place,
 * or was altered
 */
export function open(secret: KeyObject, sealed: string, binding: string): string | undefined {
  const bytes = Buffer.from(sealed.slice(SEAL.length), "base64url");
  if (bytes[0] !== VERSION || bytes.length < HEADER_BYTES + IV_BYTES + TAG_BYTES) return undefined;
  const from = HEADER_BYTES + IV_BYTES;
  const decipher = createDecipheriv(CIPHER, secret, bytes.subarray(HEADER_BYTES, from));
  decipher.setAAD(Buffer.from(binding)).setAuthTag(bytes.subarray(bytes.length - TAG_BYTES));
  const text = decipher.update(bytes.subarray(from, bytes.length - TAG_BYTES));
  try {
    decipher.final();
  } catch {
    return undefined;
  }
  return text.toString("utf8");
}

/** Wraps a key of 32 bytes with another: IV, ciphertext and tag, in base64. */
export function wrap(
  secret: KeyObject,
  key: Uint8Array,
  { binding, iv }: { readonly binding: string; readonly iv: Uint8Array },
): string {
  const cipher = createCipheriv(CIPHER, secret, iv).setAAD(Buffer.from(binding));
  return Buffer.concat([iv, cipher.update(key), cipher.final(), cipher.getAuthTag()]).toString("base64");
}

/** The unwrapped key. @returns undefined if another key wrapped it, or it was altered */
export function unwrap(secret: KeyObject, wrapped: string, binding: string): Buffer | undefined {
  const bytes = Buffer.from(wrapped, "base64");
  if (bytes.length <= IV_BYTES + TAG_BYTES) return undefined;
  const decipher = createDecipheriv(CIPHER, secret, bytes.subarray(0, IV_BYTES));
  decipher.setAAD(Buffer.from(binding)).setAuthTag(bytes.subarray(bytes.length - TAG_BYTES));
  const key = decipher.update(bytes.subarray(IV_BYTES, bytes.length - TAG_BYTES));
  try {
    return Buffer.concat([key, decipher.final()]);
  } catch {
    return undefined;
  }
}
