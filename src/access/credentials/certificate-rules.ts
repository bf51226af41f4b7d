import { isIP } from "node:net";
import { type Form, listOf, object } from "../../forms/form.ts";

/** The proxies that are trusted to pass on client certificates. */
export interface CertificateRules {
  readonly trustedProxies: readonly Subnet[];
}

/** Addresses with the same leading bits. */
export interface Subnet {
  readonly address: string;
  readonly bits: number;
}

const PROXY_FORM = /^([^/]+)(?:\/(\d{1,3}))?$/;

const PROXY: Form<Subnet> = {
  schema: { type: "string", description: "An address, or a subnet such as 10.0.0.0/8." },
  read: (entry) => {
    const [, address = "", bits] = PROXY_FORM.exec(typeof entry.value === "string" ? entry.value : "") ?? [];
    const bitsMax = isIP(address) === 6 ? 128 : 32;
    const read = bits === undefined ? bitsMax : Number(bits);
    // A subnet of 0 bits would trust everybody who can connect.
    if (isIP(address) !== 0 && read > 0 && read <= bitsMax) return { address, bits: read };
    entry.refuse(`expected an address, or a subnet such as 10.0.0.0/8, got ${entry.shown}`);
    return undefined;
  },
};

const CERTIFICATES = object(
  {
    trustedProxies: listOf(PROXY, {
      description:
        "Proxies that verify client certificates and send them in the header Client-Cert (RFC 9440).",
    }),
  },
  {
    description: "Client certificates that proxies send, in addition to those of connections to this server.",
    required: [],
  },
);

/** The section `certificates`. */
export const CERTIFICATE_RULES: Form<CertificateRules> = {
  schema: CERTIFICATES.schema,
  read: (entry) => {
    const read = CERTIFICATES.read(entry);
    return read === undefined ? undefined : { trustedProxies: read.trustedProxies ?? [] };
  },
};
