import { X509Certificate } from "node:crypto";
import { type Check, failedCheck } from "./check.ts";
import type { Io } from "../io.ts";
import { readTls, type TlsFiles } from "../tls.ts";

const DAY_MS = 86_400_000;
/** Certificates are renewed well before this; a certificate that is not was probably forgotten. */
const EXPIRES_SOON_MS = 14 * DAY_MS;

/** Checks that the certificate and key are usable, and for how long; none without TLS. */
export async function tlsChecks(io: Io, files: TlsFiles): Promise<readonly Check[]> {
  const name = "tls";
  try {
    const pair = await readTls(io, files);
    if (pair === undefined) return [];
    const { secureContextOf } = await import("../../server/listening/tls.ts");
    secureContextOf(pair);
    const { validFrom, validTo } = new X509Certificate(pair.cert);
    const [from, to] = [Date.parse(validFrom), Date.parse(validTo)];
    const now = io.clock.now();
    const message = `the certificate is valid from ${dayOf(from)} to ${dayOf(to)}`;
    const next = "Put a renewed certificate there, and send the server SIGHUP.";
    if (now < from || now > to) return [{ name, status: "fail", message, next }];
    if (to - now < EXPIRES_SOON_MS) return [{ name, status: "warn", message, next }];
    return [{ name, status: "ok", message }];
  } catch (error) {
    return [failedCheck(name, error, "Give --tls-cert and --tls-key the PEM files of one pair.")];
  }
}

function dayOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}
