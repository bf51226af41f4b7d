import type { IncomingMessage } from "node:http";
import { serviceError, type StatusError } from "../../core/error/error.ts";
import { LIMITS } from "../../core/limits.ts";
import { tooManyHeaders } from "../header-refusals.ts";

/**
 * A host with an optional port. @see RFC 3986, section 3.2; RFC 9110, section 4.2.4: no user
 * information
 */
const AUTHORITY =
  /^(?<host>\[[0-9a-f:.]+(?:%25[\w.~-]+)?\]|(?:[\w.~!$&'()*+,;=-]|%[0-9a-f]{2})*)(?::(?<port>\d{0,5}))?$/i;
const PORT_MAX = 65_535;

/**
 * The host in an authority such as `example.com:8080`, in lower case; undefined for an invalid one.
 */
export function hostIn(authority: string): string | undefined {
  const groups = AUTHORITY.exec(authority)?.groups;
  if (groups === undefined || Number(groups["port"] ?? 0) > PORT_MAX) return undefined;
  return groups["host"]?.toLowerCase().replace(/\.$/, "");
}

/** Longer than any host with its port. */
const KNOWN_LENGTH_MAX = 300;

/** IP addresses, and names that always mean the caller's own machine (RFC 6761, section 6.3). */
const UNBOUND = /^(?:\d+\.\d+\.\d+\.\d+|\[.*\]|(?:.+\.)?localhost|)$/;

/**
 * The hosts for which a server answers. If the name of a website is made to resolve to this machine
 * (DNS rebinding), browsers treat the site and the server as one origin, and the site's pages may
 * read everything; but their requests contain the site's name as host. So addresses, `localhost`
 * and a missing host are always accepted, and other names only if they are listed.
 */
export class AllowedHosts {
  readonly #names: ReadonlySet<string>;
  readonly #suffixes: readonly string[];
  /** The last accepted header: the next is usually the same. */
  #fine: string | undefined;

  /**
   * @param patterns names such as `archive.example.com`, `*.example.com` for all names below, `*`
   * for all
   */
  constructor(patterns: readonly string[]) {
    const names = patterns.map((each) => each.toLowerCase());
    this.#names = new Set(names);
    this.#suffixes = names.filter((each) => each.startsWith("*.")).map((each) => each.slice(1));
  }

  /** Whether this header is the last accepted one. */
  knows(text: string): boolean {
    return text === this.#fine;
  }

  /** Remembers an accepted header. */
  remember(text: string): void {
    if (text.length <= KNOWN_LENGTH_MAX) this.#fine = text;
  }

  /** @param host a host from {@link hostIn} */
  includes(host: string): boolean {
    if (UNBOUND.test(host) || this.#names.has(host) || this.#names.has("*")) return true;
    return this.#suffixes.some((suffix) => host.endsWith(suffix));
  }
}

/** Whether only this machine can reach an address that is listened on. */
export function isLoopback(address: string): boolean {
  return /^(?:localhost|127\.\d+\.\d+\.\d+|::1|\[::1\])$/i.test(address);
}

/**
 * The reason to reject a request because of its head: too many headers, no host, two hosts, an
 * invalid host, or one that this server does not answer for.
 *
 * @param allowed undefined allows all hosts
 * @see RFC 9112, section 3.2
 */
export function headRefusal(
  request: IncomingMessage,
  allowed: AllowedHosts | undefined,
): StatusError | undefined {
  const { rawHeaders, httpVersion, headers, url = "" } = request;
  const count = rawHeaders.length / 2;
  if (count > LIMITS.headersMax) return tooManyHeaders(count);
  if (headers.host === undefined)
    return httpVersion === "1.0"
      ? undefined
      : malformed("The request has no Host header, which HTTP/1.1 requires.");
  if (countHosts(rawHeaders) > 1) return malformed("The request has several Host headers; HTTP allows one.");
  const inTarget = url.startsWith("/") ? undefined : /^https?:\/\/([^/?#]*)/i.exec(url)?.[1];
  // An absolute address determines the host; the header must still be present and valid.
  return (
    hostRefusal("Host header", headers.host, allowed) ??
    (inTarget === undefined ? undefined : hostRefusal("host in the address", inTarget, allowed))
  );
}

function hostRefusal(what: string, text: string, allowed: AllowedHosts | undefined): StatusError | undefined {
  if (allowed?.knows(text) === true) return undefined;
  const host = hostIn(text);
  const shown = text.slice(0, 100);
  if (host === undefined) {
    const rule = "expected a host with or without a port, such as example.com:8080";
    return malformed(`Invalid ${what}: ${rule}, got ${JSON.stringify(shown)}.`);
  }
  if (allowed === undefined) return undefined;
  if (allowed.includes(host)) {
    allowed.remember(text);
    return undefined;
  }
  return serviceError(
    "HOST_REFUSED",
    `This server does not answer for the host ${JSON.stringify(shown)}; its operator can allow it with the setting allowedHosts.`,
    { metadata: { host: shown } },
  );
}

function countHosts(rawHeaders: readonly string[]): number {
  let count = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? "";
    if (name.length === 4 && name.toLowerCase() === "host") count++;
  }
  return count;
}

function malformed(message: string): StatusError {
  return serviceError("REQUEST_MALFORMED", message);
}
