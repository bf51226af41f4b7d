import type { X509Certificate } from "node:crypto";

/**
 * One entry of a subject alternative name in Node's form, which is quoted if it contains ambiguous
 * characters.
 */
const ALTERNATIVE_NAME = /([A-Za-z ]+):("(?:[^"\\]|\\.)*"|[^,]*)(?:, |$)/y;

/** @see SPIFFE ID, section 2 */
const SPIFFE_ID = /^spiffe:\/\/[a-z0-9._-]{1,255}(?:\/[\w.-]+)+$/;

/**
 * The principal of a certificate: its SPIFFE ID if there is one, otherwise its subject, such as
 * `CN=packer,O=Acme%20Inc`. Undefined if it has neither, or several URIs.
 *
 * @see SPIFFE X.509-SVID, section 2: exactly one URI
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

/** The URIs among the alternative names; undefined if the text is invalid. */
function addressesOf(text: string): readonly string[] | undefined {
  const addresses: string[] = [];
  let end = 0;
  ALTERNATIVE_NAME.lastIndex = 0;
  while (end < text.length) {
    const match = ALTERNATIVE_NAME.exec(text);
    if (match === null) return undefined;
    end = ALTERNATIVE_NAME.lastIndex;
    const [, kind, value = ""] = match;
    // A quoted entry is no URI of a known form.
    if (kind === "URI") addresses.push(value);
  }
  return addresses;
}

/** Special characters are percent-encoded, so that no value looks like another attribute. */
function subjectOf(certificate: X509Certificate): string {
  const { subject } = certificate.toLegacyObject() as { readonly subject?: object };
  return Object.entries(subject ?? {})
    .flatMap(([name, value]: readonly [string, unknown]) =>
      (Array.isArray(value) ? value : [value]).map((each) => `${name}=${encodeURIComponent(String(each))}`),
    )
    .join(",");
}
