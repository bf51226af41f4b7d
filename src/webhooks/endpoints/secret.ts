import type { Random } from "../../core/ports/random.ts";
import { PRIVATE_KEY_PREFIX, privateKeyText, publicKeyText } from "../../outbound/ed25519.ts";
import { SECRET_PREFIX } from "../../outbound/signature.ts";
import type { Endpoint, Secret, Signature } from "./endpoint.ts";

/** Standard Webhooks allows 24 to 64. */
const BYTES = 32;

/** A new secret, or for `V1A` a new private key. */
export function newSecret(random: Random, signature: Signature = "V1"): string {
  const bytes = random.bytes(BYTES);
  return signature === "V1A" ? privateKeyText(bytes) : SECRET_PREFIX + Buffer.from(bytes).toString("base64");
}

/** How an endpoint's events are signed: as its newest secret does. */
export function signatureOf({ secrets: [newest] }: Pick<Endpoint, "secrets">): Signature {
  return newest !== undefined && isPrivate(newest.key) ? "V1A" : "V1";
}

/** What the owner of an endpoint is shown once of a secret: nothing of a private key, which the receiver does not need. */
export function shownSecret(secret: string): string {
  return isPrivate(secret) ? "" : secret;
}

/** The public keys that verify what an endpoint is sent now, the newest first. */
export function publicKeysOf({ secrets }: Pick<Endpoint, "secrets">, now: number): readonly string[] {
  return signingSecrets(secrets, now).filter(isPrivate).map(publicKeyText);
}

function isPrivate(key: string): boolean {
  return key.startsWith(PRIVATE_KEY_PREFIX);
}

/** The secrets that sign at a time. */
export function signingSecrets(secrets: readonly Secret[], now: number): readonly string[] {
  return secrets.filter(({ expireTime }) => expireTime === null || expireTime > now).map(({ key }) => key);
}
