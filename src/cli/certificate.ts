import { X509Certificate } from "node:crypto";
import type { Tell } from "../core/events.ts";

/** The period in which a certificate is valid, in milliseconds since the epoch. */
export interface Validity {
  readonly from: number;
  readonly to: number;
}

/**
 * The validity of the first certificate of a PEM text, which is the server's own.
 *
 * @throws {Error} if it is not a certificate
 */
export function validityOf(pem: string | Uint8Array): Validity {
  const { validFrom, validTo } = new X509Certificate(pem);
  return { from: Date.parse(validFrom), to: Date.parse(validTo) };
}

/** `2026-01-31`. */
export function dayOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

/** Reports a usable certificate that clients refuse, because it has expired or begins later. */
export function tellOutdated(
  pem: string | Uint8Array,
  { tell, now }: { readonly tell: Tell; readonly now: number },
): void {
  const { from, to } = validityOf(pem);
  if (now < from || now > to)
    tell["tls.outdated"]?.({ message: `it is valid from ${dayOf(from)} to ${dayOf(to)}` });
}
