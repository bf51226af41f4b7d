import type { Random } from "../../core/ports/random.ts";
import { SECRET_PREFIX } from "../../outbound/signature.ts";
import type { Secret } from "./endpoint.ts";

/** Standard Webhooks allows 24 to 64. */
const BYTES = 32;

/** A new secret. */
export function newSecret(random: Random): string {
  return SECRET_PREFIX + Buffer.from(random.bytes(BYTES)).toString("base64");
}

/** The secrets that sign at a time. */
export function signingSecrets(secrets: readonly Secret[], now: number): readonly string[] {
  return secrets.filter(({ expireTime }) => expireTime === null || expireTime > now).map(({ key }) => key);
}
