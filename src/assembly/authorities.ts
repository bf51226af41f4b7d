import { X509Certificate } from "node:crypto";

/**
 * Trusts additional certificate authorities, everywhere in this thread.
 *
 * @param pem certificates; empty for none
 * @returns all trusted authorities as PEM, for code that needs them explicitly; undefined without
 * additional ones
 * @throws {TypeError} for invalid certificates
 */
export function trustAuthorities(pem: string): string | undefined {
  if (pem === "") return undefined;
  // Loaded at run time, because Node 20 lacks both functions (`core/node-guard.ts`).
  const { getCACertificates, setDefaultCACertificates } = process.getBuiltinModule("node:tls");
  try {
    void new X509Certificate(pem);
    setDefaultCACertificates([...getCACertificates("default"), pem]);
    return [...getCACertificates("default"), pem].join("\n");
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new TypeError(`ca: expected certificates as PEM: ${why}`, { cause });
  }
}
