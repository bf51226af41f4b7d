import type { Sender, SenderParameter } from "../../core/ports/authenticate.ts";
import { kindUnsupported, overloaded } from "./refusals.ts";

/** The credentials in the headers and the address of a request. */
export interface Presented {
  readonly token: string | undefined;
  readonly key: string | undefined;
}

const NOTHING: Presented = { token: undefined, key: undefined };

/** Matches any credential parameter, anywhere in an address. */
const IN_ADDRESS = /[?&](?:%24|\$)?(?:key|access_token)=/i;
const KEY_NAMES: ReadonlySet<string> = new Set(["key", "$key"]);
const TOKEN_NAMES: ReadonlySet<string> = new Set(["access_token", "$access_token"]);

/**
 * Extracts the credentials of a request. Tokens in an address, which end up in logs of proxies,
 * count only if the operator allows them.
 *
 * @throws {StatusError} UNAUTHENTICATED CREDENTIAL_TYPE_UNSUPPORTED; OVERLOADED_CREDENTIALS for two tokens, or two keys
 */
export function presentedBy(sender: Sender, tokensInAddress: boolean): Presented {
  const { headers, url } = sender;
  const parameters =
    sender.parameters ?? (url !== undefined && IN_ADDRESS.test(url) ? parametersOf(url) : undefined);
  const authorization = headers["authorization"];
  const header = headers["x-goog-api-key"];
  if (authorization === undefined && header === undefined && parameters === undefined) return NOTHING;
  // The usual call with a key.
  if (authorization === undefined && parameters === undefined && typeof header === "string" && header !== "")
    return { token: undefined, key: header };
  if (authorization !== undefined && isRepeated(sender, "authorization")) throw overloaded();
  const tokens = [
    ...(authorization === undefined ? [] : [bearerOf(authorization)]),
    ...(tokensInAddress ? valuesOf(parameters, TOKEN_NAMES) : []),
  ];
  const keys = new Set([
    ...(typeof header === "string" ? [header] : (header ?? [])).filter((each) => each !== ""),
    ...valuesOf(parameters, KEY_NAMES),
  ]);
  if (tokens.length > 1 || keys.size > 1) throw overloaded();
  const [token] = tokens;
  const [key] = keys;
  return { token, key };
}

function bearerOf(authorization: string | readonly string[]): string {
  if (typeof authorization !== "string") throw overloaded();
  const token = /^Bearer +([^ ]+) *$/i.exec(authorization)?.[1];
  if (token === undefined) throw kindUnsupported();
  return token;
}

/** Node keeps the first of two such headers, while a proxy may have checked the other. */
function isRepeated({ rawHeaders = [] }: Sender, header: string): boolean {
  let count = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? "";
    if (name.length === header.length && name.toLowerCase() === header) count++;
  }
  return count > 1;
}

function parametersOf(url: string): readonly SenderParameter[] {
  return [...new URLSearchParams(url.slice(url.indexOf("?") + 1))];
}

/**
 * An empty value counts as none, here and in the header: clients send `key=` when they have none.
 */
function valuesOf(
  parameters: readonly SenderParameter[] | undefined,
  names: ReadonlySet<string>,
): readonly string[] {
  return (parameters ?? []).flatMap(([name, value]) => (names.has(name) && value !== "" ? [value] : []));
}
