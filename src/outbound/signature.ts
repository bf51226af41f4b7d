import { createHmac, sign } from "node:crypto";
import { PRIVATE_KEY_PREFIX, privateKeyOf } from "./ed25519.ts";

/** The prefix of a secret of Standard Webhooks. */
export const SECRET_PREFIX = "whsec_";
/** From Standard Webhooks: 24 to 64 bytes. */
const BYTES_MIN = 24;
const BYTES_MAX = 64;

/** Whether a text is a secret of Standard Webhooks. */
export function isSecret(text: string): boolean {
  if (!/^whsec_[A-Za-z0-9+/]+={0,2}$/.test(text)) return false;
  const { length } = bytesOf(text);
  return length >= BYTES_MIN && length <= BYTES_MAX;
}

/** A message to sign. */
export interface SignedMessage {
  /** Without a dot. */
  readonly id: string;
  readonly body: string;
  /** The time of this try, in milliseconds since the Unix epoch. */
  readonly now: number;
}

/**
 * The headers that sign a message. Each secret adds a signature, so that a receiver may know any of
 * them: `v1` for a shared secret, `v1a` for a private key whose public key the receiver knows.
 *
 * @see Standard Webhooks 1.0.0, "Signature scheme"
 */
export function signatureHeaders(
  secrets: readonly string[],
  { id, body, now }: SignedMessage,
): Readonly<Record<string, string>> {
  const timestamp = Math.floor(now / 1_000);
  const content = `${id}.${timestamp}.${body}`;
  const signatures = secrets.map((secret) =>
    secret.startsWith(PRIVATE_KEY_PREFIX)
      ? `v1a,${sign(null, Buffer.from(content), privateKeyOf(secret)).toString("base64")}`
      : `v1,${createHmac("sha256", bytesOf(secret)).update(content).digest("base64")}`,
  );
  return {
    "webhook-id": id,
    "webhook-timestamp": String(timestamp),
    "webhook-signature": signatures.join(" "),
  };
}

function bytesOf(secret: string): Buffer {
  return Buffer.from(secret.slice(SECRET_PREFIX.length), "base64");
}
