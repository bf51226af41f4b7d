import { hash, X509Certificate } from "node:crypto";
import { BlockList, isIPv6 } from "node:net";
import type { TLSSocket } from "node:tls";
import type { Caller } from "../../core/caller.ts";
import type { StatusError } from "../../core/error/error.ts";
import { LIMITS } from "../../core/limits.ts";
import type { Sender, SenderSocket } from "../../core/ports/authenticate.ts";
import type { CertificateRules } from "./certificate-rules.ts";
import { principalOf } from "./certificate-principal.ts";
import { certificateInvalid } from "./refusals.ts";
import { Recent } from "../../core/value/recent.ts";

/**
 * Determines callers by their client certificates: from a TLS connection, whose handshake has
 * verified the certificate against the authorities of `--tls-client-ca`, or from the header
 * `Client-Cert` of a proxy that the rules trust.
 *
 * @see RFC 9440
 */
export class ClientCertificates {
  readonly #proxies = new BlockList();
  /** The callers by connection. Null for a connection without a certificate. */
  readonly #ofSockets = new WeakMap<SenderSocket, Caller | null>();
  /** The callers of certificates from proxies, by the hash of their header. */
  readonly #ofHeaders = new Recent<string, Caller>(LIMITS.certificatesKept);
  #isReplaced = false;

  constructor({ trustedProxies }: CertificateRules) {
    for (const { address, bits } of trustedProxies)
      this.#proxies.addSubnet(address, bits, isIPv6(address) ? "ipv6" : "ipv4");
  }

  /**
   * Undefined if the sender has no certificate. @throws {StatusError} UNAUTHENTICATED
   * CLIENT_CERTIFICATE_INVALID
   */
  callerOf({ socket, headers }: Sender): Caller | undefined {
    if (socket === undefined) return undefined;
    const header = headers["client-cert"];
    if (header !== undefined && this.#isProxy(socket)) return this.#callerOfHeader(header);
    return this.#callerOfSocket(socket) ?? undefined;
  }

  /**
   * Trusts other proxies from now on. Callers that a proxy has vouched for must authenticate again.
   */
  replaced(): void {
    this.#isReplaced = true;
  }

  #callerOfSocket(socket: SenderSocket): Caller | null {
    const known = this.#ofSockets.get(socket);
    if (known !== undefined) return known;
    const { authorized, authorizationError, getPeerX509Certificate } = socket as Partial<TLSSocket>;
    const certificate = getPeerX509Certificate?.call(socket);
    if (certificate !== undefined && authorized !== true) {
      const why = String(authorizationError ?? "unknown");
      throw certificateInvalid(`The client certificate is not accepted: ${why}.`);
    }
    const caller = certificate === undefined ? null : this.#callerOfCertificate(certificate);
    this.#ofSockets.set(socket, caller);
    return caller;
  }

  #isProxy({ remoteAddress = "" }: SenderSocket): boolean {
    return this.#proxies.check(remoteAddress, isIPv6(remoteAddress) ? "ipv6" : "ipv4");
  }

  #callerOfHeader(header: string | readonly string[]): Caller {
    const text = typeof header === "string" ? header : "";
    const headerHash = hash("sha256", text, "base64");
    const known = this.#ofHeaders.get(headerHash);
    if (known !== undefined) return known;
    const caller = this.#callerOfCertificate(this.#read(text), () =>
      this.#isReplaced ? certificateInvalid("Which proxies are trusted has changed.") : undefined,
    );
    this.#ofHeaders.set(headerHash, caller);
    return caller;
  }

  /** @see RFC 8941, section 3.3.5: base64 between colons */
  #read(header: string): X509Certificate {
    const bytes = /^:([A-Za-z0-9+/]+={0,2}):$/.exec(header)?.[1];
    try {
      if (bytes !== undefined) return new X509Certificate(Buffer.from(bytes, "base64"));
    } catch {
      // The same error as for invalid base64.
    }
    throw certificateInvalid("The header Client-Cert of the proxy holds no certificate.");
  }

  /** @param ended returns why it is no longer valid, apart from its dates */
  #callerOfCertificate(
    certificate: X509Certificate,
    ended: () => StatusError | undefined = () => undefined,
  ): Caller {
    const principal = principalOf(certificate);
    if (principal === undefined || principal.length > LIMITS.callerLengthMax)
      throw certificateInvalid("The client certificate names no caller.");
    const [from, to] = [certificate.validFromDate.getTime(), certificate.validToDate.getTime()];
    const refusal = (now: number) =>
      now >= from && now < to ? ended() : certificateInvalid("The client certificate is out of date.");
    const nothing = { quotaProject: undefined, traceparent: undefined };
    return { principal, tenant: null, groups: [], ...nothing, credential: { refusal } };
  }
}
