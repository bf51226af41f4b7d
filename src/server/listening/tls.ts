import type { ServerOptions } from "node:https";
import { LIMITS } from "../../core/limits.ts";

/** A certificate, followed by its intermediate certificates, and its private key, both as PEM. */
export interface TlsPair {
  readonly cert: string | Uint8Array;
  readonly key: string | Uint8Array;
  /**
   * The certificate authorities of clients, as PEM: clients are then asked for a certificate. A
   * client without one can still connect, with other credentials or none. @default no client is
   * asked
   */
  readonly clientCa?: string | Uint8Array;
}

/** The server's certificate, and the accepted authorities of clients. */
type SecureContext = Pick<ServerOptions, "cert" | "key" | "ca">;

/**
 * @throws {TypeError} if either cannot be read, or if the key does not belong to the certificate
 */
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
 * The TLS options of a port.
 *
 * The caller's most preferred protocol that the server speaks is used. Browsers, curl and Go offer
 * HTTP/2 first; clients of gRPC offer only HTTP/2.
 *
 * @param http2 whether HTTP/2 is served
 * @throws {TypeError} as {@link secureContextOf} does
 */
export function tlsOptions(pair: TlsPair, http2: boolean): ServerOptions {
  const ours = new Set(["http/1.1", ...(http2 ? ["h2"] : [])]);
  return {
    ...secureContextOf(pair),
    // A rejected certificate is reported in the answer, because a failed handshake would tell its
    // caller nothing.
    ...(pair.clientCa === undefined ? {} : { requestCert: true, rejectUnauthorized: false }),
    ALPNCallback: ({ protocols }) => protocols.find((protocol) => ours.has(protocol)),
    handshakeTimeout: LIMITS.headersTimeoutMs,
  };
}
