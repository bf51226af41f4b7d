import { X509Certificate } from "node:crypto";

/**
 * Trusts servers whose certificates are of these authorities too, in all of this thread.
 *
 * @param pem certificates; empty for none
 * @returns all that are trusted then, as PEM, for those who have to be told; undefined where there are no others than ever
 * @throws {TypeError} when they are none
 */
export function trustAuthorities(pem: string): string | undefined {
  if (pem === "") return undefined;
  // Imported when it runs, because Node 20 lacks both (`core/node-guard.ts`).
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
