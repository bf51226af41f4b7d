import { hash } from "node:crypto";
import { crc32 } from "node:zlib";
import type { Random } from "../../core/ports/random.ts";

/**
 * The text of API keys: `lro_ENVIRONMENT_` and 38 characters of base62; the last six are the CRC-32
 * of everything before them. A mistyped or truncated key is rejected without a query of the store,
 * and secret scanners find keys by their form. Only the SHA-256 of a key is stored: 190 random bits
 * need no slow hash.
 */

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const SECRET_LENGTH = 32;
const SUM_LENGTH = 6;
const FORM = /^lro_[a-z0-9]{1,16}_[0-9A-Za-z]{38}$/;

/** The text between `lro_` and the secret: the key's environment, such as `live`. */
export const KEY_ENVIRONMENT = /^[a-z0-9]{1,16}$/;

/** The hash of a key, in the form of {@link hashOfKey}. */
export const KEY_HASH = /^[0-9a-f]{64}$/;

/** Makes a random key. */
export function newApiKey(environment: string, random: Random): string {
  const head = `lro_${environment}_${secret(random)}`;
  return head + checksum(head);
}

/** Whether a text has the form of a key. */
export function isApiKey(text: string): boolean {
  if (!FORM.test(text)) return false;
  return checksum(text.slice(0, -SUM_LENGTH)) === text.slice(-SUM_LENGTH);
}

/** The SHA-256 of a key, in hex, which is stored instead of the key. */
export function hashOfKey(key: string): string {
  return hash("sha256", key, "hex");
}

/** The id of a key: the beginning of its hash, which reveals nothing about the key. */
export function keyIdOf(keyHash: string): string {
  return keyHash.slice(0, 16);
}

/** The part of a key that people may see, to recognize it. */
export function shownPrefix(key: string): string {
  return key.slice(0, key.lastIndexOf("_") + 5);
}

function secret(random: Random): string {
  let text = "";
  while (text.length < SECRET_LENGTH) {
    for (const byte of random.bytes(SECRET_LENGTH)) {
      // Below the largest multiple of 62 in a byte, all characters are equally likely.
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
