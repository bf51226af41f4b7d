import type { IncomingMessage } from "node:http";

/** Alternating names and values, like `rawHeaders` of `node:http`. */
export type RawHeaders = readonly string[];

/**
 * Headers of a single connection, which a proxy must not forward. @see RFC 9110, section 7.6.1; RFC
 * 9112, section 6
 */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** Headers that identify or authenticate a caller. */
const CREDENTIALS: ReadonlySet<string> = new Set(["authorization", "cookie", "set-cookie", "x-api-key"]);

/** Whether a header identifies or authenticates a caller. */
export function isCredential(name: string): boolean {
  return CREDENTIALS.has(name.toLowerCase());
}

/** Pairs of names and values, unchanged. */
export function* pairsOf(raw: RawHeaders): Generator<readonly [name: string, value: string]> {
  for (let index = 0; index + 1 < raw.length; index += 2) yield [raw[index] ?? "", raw[index + 1] ?? ""];
}

/**
 * The headers to forward: without those of the connection, and without those that `Connection`
 * names.
 *
 * @param without further names to leave out, in lower case
 */
export function endToEnd(
  { rawHeaders, headers }: Pick<IncomingMessage, "rawHeaders" | "headers">,
  without: ReadonlySet<string> = NONE,
): string[] {
  const named = new Set(
    (headers.connection ?? "")
      .toLowerCase()
      .split(",")
      .map((each) => each.trim()),
  );
  const kept: string[] = [];
  for (const [name, value] of pairsOf(rawHeaders)) {
    const key = name.toLowerCase();
    if (!HOP_BY_HOP.has(key) && !named.has(key) && !without.has(key)) kept.push(name, value);
  }
  return kept;
}

const NONE: ReadonlySet<string> = new Set();

/** Headers that a proxy writes itself, whatever the caller sent. */
const REWRITTEN: ReadonlySet<string> = new Set([
  "forwarded",
  "via",
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-proto",
]);

/** The address by which callers reach the proxy, if their requests do not show it. */
export interface ReachedBy {
  readonly protocol: string;
  readonly host: string;
}

/**
 * The headers of a request for the upstream: the forwarded ones, and those about the caller.
 * `X-Forwarded-For`, `Forwarded` and `Via` extend the caller's values; `X-Forwarded-Host` and
 * `X-Forwarded-Proto` contain only the proxy's own knowledge, because a caller could otherwise
 * pretend anything.
 *
 * @see RFC 7239; RFC 9110, section 7.6.3
 */
export function forwardedHeaders(
  request: IncomingMessage,
  reachedBy: ReachedBy | undefined,
  without?: ReadonlySet<string>,
): string[] {
  const { headers, socket } = request;
  const peer = socket.remoteAddress ?? "unknown";
  const protocol = reachedBy?.protocol ?? ("encrypted" in socket ? "https" : "http");
  const host = reachedBy?.host ?? headers.host ?? "";
  const node = peer.includes(":") ? `"[${peer}]"` : peer;
  const forwarded = `for=${node};host="${host.replaceAll(/["\\]/g, "")}";proto=${protocol}`;
  const kept = endToEnd(request, without === undefined ? REWRITTEN : new Set([...REWRITTEN, ...without]));
  kept.push("X-Forwarded-For", joined(headers["x-forwarded-for"], peer));
  kept.push("X-Forwarded-Proto", protocol);
  if (host !== "") kept.push("X-Forwarded-Host", host);
  kept.push("Forwarded", joined(headers.forwarded, forwarded));
  kept.push("Via", joined(headers.via, `${request.httpVersion} longrunning`));
  return kept;
}

function joined(sent: string | readonly string[] | undefined, own: string): string {
  return sent === undefined || sent === ""
    ? own
    : `${typeof sent === "string" ? sent : sent.join(", ")}, ${own}`;
}
