import { dayOf, validityOf } from "../certificate.ts";
import { countOf } from "../output/count.ts";
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
    const { from, to } = validityOf(pair.cert);
    const now = io.clock.now();
    const message = `the certificate is valid from ${dayOf(from)} to ${dayOf(to)}`;
    const next = "Replace the files with a renewed certificate, and send the server SIGHUP.";
    const fail = (why: string): readonly Check[] => [
      { name, status: "fail", message: `${message}: ${why}`, next },
    ];
    if (now < from) return fail("it is not valid yet");
    if (now > to) return fail("it has expired");
    const days = Math.floor((to - now) / DAY_MS);
    if (to - now >= EXPIRES_SOON_MS) return [{ name, status: "ok", message }];
    return [{ name, status: "warn", message: `${message}: it expires in ${countOf(days, "day")}`, next }];
  } catch (error) {
    return [failedCheck(name, error, "Give --tls-cert and --tls-key the PEM files of one pair.")];
  }
}
