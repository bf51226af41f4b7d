/** The headers of what `--admin-token` holds; none where it holds nothing. An API key goes where keys do; anything else is a token. */
export function credentialHeaders(credential: string | undefined): Readonly<Record<string, string>> {
  if (credential === undefined) return {};
  return credential.startsWith("lro_")
    ? { "x-goog-api-key": credential }
    : { authorization: `Bearer ${credential}` };
}
