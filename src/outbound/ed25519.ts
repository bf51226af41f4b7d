import { createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";

/**
 * Private and public keys for the asymmetric signatures of Standard Webhooks (`v1a`), as texts:
 * `whsk_` and `whpk_` with base64. A private key has the 32 bytes of RFC 8032, optionally followed
 * by the 32 bytes of its public key, as in libsodium.
 *
 * @see Standard Webhooks 1.0.0, "Signature scheme"; RFC 8032, section 5.1.5
 */
export const PRIVATE_KEY_PREFIX = "whsk_";
const PUBLIC_KEY_PREFIX = "whpk_";
const BYTES = 32;

/** The bytes before the key in PKCS #8. @see RFC 8410, section 7 */
const PKCS8_HEAD = Buffer.from("302e020100300506032b657004220420", "hex");

/** Whether a text is a private key. */
export function isPrivateKey(text: string): boolean {
  if (!/^whsk_[A-Za-z0-9+/]+={0,2}$/.test(text)) return false;
  const bytes = bytesOf(text);
  if (bytes.length === BYTES) return true;
  return bytes.length === 2 * BYTES && bytes.subarray(BYTES).equals(publicBytes(privateKeyOf(text)));
}

/** A private key of 32 random bytes, as text. */
export function privateKeyText(seed: Uint8Array): string {
  const half = PRIVATE_KEY_PREFIX + Buffer.from(seed).toString("base64");
  const whole = Buffer.concat([seed, publicBytes(privateKeyOf(half))]);
  return PRIVATE_KEY_PREFIX + whole.toString("base64");
}

/** The signing key. */
export function privateKeyOf(text: string): KeyObject {
  const key = Buffer.concat([PKCS8_HEAD, bytesOf(text).subarray(0, BYTES)]);
  return createPrivateKey({ key, format: "der", type: "pkcs8" });
}

/** The public key of a private key, as text for receivers. */
export function publicKeyText(privateKey: string): string {
  return PUBLIC_KEY_PREFIX + publicBytes(privateKeyOf(privateKey)).toString("base64");
}

/** The last bytes of the DER form. @see RFC 8410, section 4 */
function publicBytes(key: KeyObject): Buffer {
  return createPublicKey(key).export({ format: "der", type: "spki" }).subarray(-BYTES);
}

function bytesOf(text: string): Buffer {
  return Buffer.from(text.slice(PRIVATE_KEY_PREFIX.length), "base64");
}
