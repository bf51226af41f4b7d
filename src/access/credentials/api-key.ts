import { hash } from "node:crypto";
import { crc32 } from "node:zlib";
import type { Random } from "../../core/ports/random.ts";

/**
 * The text of API keys: `lro_ENVIRONMENT_` and 38 characters of base62, of which the last six are the CRC-32 of all before
 * them. A key that was mistyped or cut is refused without a look at the store, and scanners for secrets find keys by their
 * form. Of a key only its SHA-256 is kept: 190 bits of chance need no slow hash.
 */

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const SECRET_LENGTH = 32;
const SUM_LENGTH = 6;
const FORM = /^lro_[a-z0-9]{1,16}_[0-9A-Za-z]{38}$/;

/** What stands between `lro_` and the secret: what the key is for, such as `live`. */
export const KEY_ENVIRONMENT = /^[a-z0-9]{1,16}$/;

/** A hash of a key, as {@link hashOfKey} writes it. */
export const KEY_HASH = /^[0-9a-f]{64}$/;

/** Makes a key of chance alone. */
export function newApiKey(environment: string, random: Random): string {
  const head = `lro_${environment}_${secret(random)}`;
  return head + checksum(head);
}

/** Whether a text can be a key of ours at all. */
export function isApiKey(text: string): boolean {
  if (!FORM.test(text)) return false;
  return checksum(text.slice(0, -SUM_LENGTH)) === text.slice(-SUM_LENGTH);
}

/** The SHA-256 of a key, in hex: what is kept of it. */
export function hashOfKey(key: string): string {
  return hash("sha256", key, "hex");
}

/** What a key is called: the beginning of its hash, which tells nothing of the key. */
export function keyIdOf(keyHash: string): string {
  return keyHash.slice(0, 16);
}

/** The part of a key that people may see, to know it again. */
export function shownPrefix(key: string): string {
  return key.slice(0, key.lastIndexOf("_") + 5);
}

function secret(random: Random): string {
  let text = "";
  while (text.length < SECRET_LENGTH) {
    for (const byte of random.bytes(SECRET_LENGTH)) {
      // The largest multiple of 62 in a byte: all characters are as likely.
      if (byte < 248 && text.length < SECRET_LENGTH) text += ALPHABET[byte % ALPHABET.length];
    }
  }
  return text;
}

function checksum(text: string): string {
  let rest = crc32(text);
  let sum = "";
  for (let index = 0; index < SUM_LENGTH; index++) {
    sum = `${ALPHABET[rest % ALPHABET.length]}${sum}`;
    rest = Math.floor(rest / ALPHABET.length);
  }
  return sum;
}
