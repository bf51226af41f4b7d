/**
 * The headers for the credential in `--admin-token`; none without one. An API key is sent as a key;
 * anything else is a bearer token.
 */
export function credentialHeaders(credential: string | undefined): Readonly<Record<string, string>> {
  if (credential === undefined) return {};
  return credential.startsWith("lro_")
    ? { "x-goog-api-key": credential }
    : { authorization: `Bearer ${credential}` };
}
