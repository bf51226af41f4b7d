import type { IncomingMessage } from "node:http";
import { serviceError, type StatusError } from "../../core/error/error.ts";
import { LIMITS } from "../../core/limits.ts";
import { tooManyHeaders } from "../header-refusals.ts";

/** A host, and a port where there is one. @see RFC 3986, section 3.2; RFC 9110, section 4.2.4: nothing about users */
const AUTHORITY =
  /^(?<host>\[[0-9a-f:.]+(?:%25[\w.~-]+)?\]|(?:[\w.~!$&'()*+,;=-]|%[0-9a-f]{2})*)(?::(?<port>\d{0,5}))?$/i;
const PORT_MAX = 65_535;

/** The host in an authority such as `example.com:8080`, in lower case; undefined for what is none. */
export function hostIn(authority: string): string | undefined {
  const groups = AUTHORITY.exec(authority)?.groups;
  if (groups === undefined || Number(groups["port"] ?? 0) > PORT_MAX) return undefined;
  return groups["host"]?.toLowerCase().replace(/\.$/, "");
}

/** A host with its port has fewer characters. */
const KNOWN_LENGTH_MAX = 300;

/** IP addresses, and names that are always those of the caller's own machine (RFC 6761, section 6.3). */
const UNBOUND = /^(?:\d+\.\d+\.\d+\.\d+|\[.*\]|(?:.+\.)?localhost|)$/;

/**
 * The hosts that a server answers for. A page whose own name is made to lead to this machine (DNS rebinding) is of the same
 * origin as the server, for browsers, and may read everything; what it cannot do is send another name than its own. So
 * addresses, `localhost` and a missing host are always fine, and other names if they are listed.
 */
export class AllowedHosts {
  readonly #names: ReadonlySet<string>;
  readonly #suffixes: readonly string[];
  /** The header that was fine last: the next is mostly the same. */
  #fine: string | undefined;

  /** @param patterns names such as `archive.example.com`, `*.example.com` for all below, `*` for all */
  constructor(patterns: readonly string[]) {
    const names = patterns.map((each) => each.toLowerCase());
    this.#names = new Set(names);
    this.#suffixes = names.filter((each) => each.startsWith("*.")).map((each) => each.slice(1));
  }

  /** Whether this header was the one that was found to be fine last. */
  knows(text: string): boolean {
    return text === this.#fine;
  }

  /** Takes note of a header whose host is included. */
  remember(text: string): void {
    if (text.length <= KNOWN_LENGTH_MAX) this.#fine = text;
  }

  /** @param host as {@link hostIn} gives it */
  includes(host: string): boolean {
    if (UNBOUND.test(host) || this.#names.has(host) || this.#names.has("*")) return true;
    return this.#suffixes.some((suffix) => host.endsWith(suffix));
  }
}

/** Whether an address to listen on is one that only this machine can reach. */
export function isLoopback(address: string): boolean {
  return /^(?:localhost|127\.\d+\.\d+\.\d+|::1|\[::1\])$/i.test(address);
}

/**
 * Why a request cannot be served for what its head says: more headers than any caller needs, no host, two hosts, what is no
 * host, or one that this server does not answer for.
 *
 * @param allowed undefined for all hosts
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
  // An absolute address says the host; the header is still there, and has to be one.
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
