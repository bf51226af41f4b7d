import type { X509Certificate } from "node:crypto";

/** One name among the alternative ones of a subject, as Node writes them; in quotes where it has what could mislead. */
const ALTERNATIVE_NAME = /([A-Za-z ]+):("(?:[^"\\]|\\.)*"|[^,]*)(?:, |$)/y;

/** @see SPIFFE ID, section 2 */
const SPIFFE_ID = /^spiffe:\/\/[a-z0-9._-]{1,255}(?:\/[\w.-]+)+$/;

/**
 * Who a certificate is of: its SPIFFE ID where it has one, or its subject, such as `CN=packer,O=Acme%20Inc`. Undefined where
 * it has neither, or more than one address.
 *
 * @see SPIFFE X.509-SVID, section 2: one address and no other
 */
export function principalOf(certificate: X509Certificate): string | undefined {
  const addresses = addressesOf(certificate.subjectAltName ?? "");
  if (addresses === undefined) return undefined;
  const spiffe = addresses.filter((each) => each.startsWith("spiffe:"));
  if (spiffe.length > 0) {
    const [id = ""] = spiffe;
    return addresses.length === 1 && SPIFFE_ID.test(id) ? `serviceAccount:${id}` : undefined;
  }
  const subject = subjectOf(certificate);
  return subject === "" ? undefined : `serviceAccount:${subject}`;
}

/** The addresses among the alternative names; undefined where the text cannot be read. */
function addressesOf(text: string): readonly string[] | undefined {
  const addresses: string[] = [];
  let end = 0;
  ALTERNATIVE_NAME.lastIndex = 0;
  while (end < text.length) {
    const match = ALTERNATIVE_NAME.exec(text);
    if (match === null) return undefined;
    end = ALTERNATIVE_NAME.lastIndex;
    const [, kind, value = ""] = match;
    // One in quotes is no address that we know.
    if (kind === "URI") addresses.push(value);
  }
  return addresses;
}

/** What stands out of the ordinary is percent-encoded, so that no value reads as another member. */
function subjectOf(certificate: X509Certificate): string {
  const { subject } = certificate.toLegacyObject() as { readonly subject?: object };
  return Object.entries(subject ?? {})
    .flatMap(([name, value]: readonly [string, unknown]) =>
      (Array.isArray(value) ? value : [value]).map((each) => `${name}=${encodeURIComponent(String(each))}`),
    )
    .join(",");
}
