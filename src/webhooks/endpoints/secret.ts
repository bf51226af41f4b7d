import { createHmac } from "node:crypto";
import type { Random } from "../../core/ports/random.ts";
import type { Secret } from "./endpoint.ts";

const PREFIX = "whsec_";
/** Standard Webhooks: 24 to 64. */
const BYTES = 32;
const BYTES_MIN = 24;
const BYTES_MAX = 64;

/** A new secret. */
export function newSecret(random: Random): string {
  return PREFIX + Buffer.from(random.bytes(BYTES)).toString("base64");
}

/** Whether a text is a secret as Standard Webhooks have it. */
export function isSecret(text: string): boolean {
  if (!/^whsec_[A-Za-z0-9+/]+={0,2}$/.test(text)) return false;
  const { length } = bytesOf(text);
  return length >= BYTES_MIN && length <= BYTES_MAX;
}

/** The secrets that sign at a time. */
export function signingSecrets(secrets: readonly Secret[], now: number): readonly string[] {
  return secrets.filter(({ expireTime }) => expireTime === null || expireTime > now).map(({ key }) => key);
}

/**
 * The value of `webhook-signature`: a signature by each secret, so that a receiver may have either.
 *
 * @param timestamp seconds since the Unix epoch
 * @see Standard Webhooks 1.0.0, "Signature scheme"
 */
export function signatures(
  secrets: readonly string[],
  { id, timestamp, body }: { readonly id: string; readonly timestamp: number; readonly body: string },
): string {
  return secrets
    .map((secret) => {
      const hmac = createHmac("sha256", bytesOf(secret)).update(`${id}.${timestamp}.${body}`);
      return `v1,${hmac.digest("base64")}`;
    })
    .join(" ");
}

function bytesOf(secret: string): Buffer {
  return Buffer.from(secret.slice(PREFIX.length), "base64");
}
