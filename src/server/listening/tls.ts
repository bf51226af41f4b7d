import type { ServerOptions } from "node:https";
import { LIMITS } from "../../core/limits.ts";

/** A certificate, with those that lead to its authority after it, and its private key, both as PEM. */
export interface TlsPair {
  readonly cert: string | Uint8Array;
  readonly key: string | Uint8Array;
  /**
   * The authorities of client certificates, as PEM: clients are asked for one. A client without one connects all the same, and
   * has other credentials or none. @default no client is asked
   */
  readonly clientCa?: string | Uint8Array;
}

/** What is presented in handshakes, and whose certificates are accepted. */
type SecureContext = Pick<ServerOptions, "cert" | "key" | "ca">;

/** @throws {TypeError} when either cannot be read, or the key is not that of the certificate */
export function secureContextOf(pair: TlsPair): SecureContext {
  const context = {
    cert: pemOf("cert", "CERTIFICATE", pair.cert),
    key: pemOf("key", "PRIVATE KEY", pair.key),
    ...(pair.clientCa === undefined ? {} : { ca: pemOf("clientCa", "CERTIFICATE", pair.clientCa) }),
  };
  try {
    process.getBuiltinModule("node:tls").createSecureContext(context);
  } catch (cause) {
    const why = (cause as Error).message;
    const story = /mismatch/i.test(why) ? "the key is not that of the certificate" : why;
    throw new TypeError(`Cannot use the certificate and key for TLS: ${story}`, { cause });
  }
  return context;
}

function pemOf(option: keyof TlsPair, label: string, pem: string | Uint8Array): Buffer {
  const bytes = Buffer.from(pem);
  if (bytes.includes(`${label}-----`)) return bytes;
  throw new TypeError(
    `tls.${option}: expected PEM text with a ${label}, got ${bytes.length} bytes of something else`,
  );
}

/**
 * How connections are secured.
 *
 * Callers are answered in what they like best of what we speak. Browsers, curl and Go offer HTTP/2 first, and clients of
 * gRPC alone.
 *
 * @param http2 whether anything is served over it
 * @throws {TypeError} as {@link secureContextOf} does
 */
export function tlsOptions(pair: TlsPair, http2: boolean): ServerOptions {
  const ours = new Set(["http/1.1", ...(http2 ? ["h2"] : [])]);
  return {
    ...secureContextOf(pair),
    // A certificate that is not accepted is told to its caller, who would learn nothing from a broken handshake.
    ...(pair.clientCa === undefined ? {} : { requestCert: true, rejectUnauthorized: false }),
    ALPNCallback: ({ protocols }) => protocols.find((protocol) => ours.has(protocol)),
    handshakeTimeout: LIMITS.headersTimeoutMs,
  };
}
