import type { IncomingHttpHeaders } from "node:http";
import { serviceError, type StatusError } from "../../core/error/error.ts";
import { hostIn } from "../listening/host.ts";

/**
 * The accepted origins of an operator's request: no page of another site may send one, and no site
 * may reach this server under a name of its own (DNS rebinding).
 */
export interface AllowedWays {
  /** The hosts by which operators reach the server, in lower case. Undefined allows all. */
  readonly hosts: ReadonlySet<string> | undefined;
  /** The reason why requests through a proxy are rejected; undefined if they are allowed. */
  readonly noProxy?: string | undefined;
}

/** The names of this machine on itself. */
const LOCAL_HOSTS = ["localhost", "127.0.0.1", "[::1]"];

/** The hosts of a server that listens on this machine only. */
export function localHosts(publicUrl: string | undefined): ReadonlySet<string> {
  return new Set([...LOCAL_HOSTS, ...(publicUrl === undefined ? [] : [new URL(publicUrl).hostname])]);
}

/** The reason to reject a request because of its origin. */
export function wayRefusal(headers: IncomingHttpHeaders, ways: AllowedWays): StatusError | undefined {
  return hostRefusal(headers, ways) ?? proxyRefusal(headers, ways) ?? siteRefusal(headers, ways);
}

/**
 * The same for the page and its files, which contain no data: links on other sites may lead there.
 */
export function pageWayRefusal(headers: IncomingHttpHeaders, ways: AllowedWays): StatusError | undefined {
  const isLink = headers["sec-fetch-mode"] === "navigate" && headers["sec-fetch-dest"] === "document";
  const refusal = hostRefusal(headers, ways) ?? proxyRefusal(headers, ways);
  return refusal ?? (isLink ? undefined : siteRefusal(headers, ways));
}

function hostRefusal({ host }: IncomingHttpHeaders, { hosts }: AllowedWays): StatusError | undefined {
  if (host === undefined || hosts === undefined || hosts.has(hostIn(host) ?? "")) return undefined;
  const shown = host.slice(0, 100);
  return serviceError(
    "HOST_REFUSED",
    `Operators reach this server as ${[...hosts].join(", ")}, and not as ${JSON.stringify(shown)}.`,
    { metadata: { host: shown } },
  );
}

const PROXY_HEADERS = ["forwarded", "x-forwarded-for", "x-forwarded-host", "via"];

function proxyRefusal(headers: IncomingHttpHeaders, { noProxy }: AllowedWays): StatusError | undefined {
  if (noProxy === undefined) return undefined;
  const header = PROXY_HEADERS.find((each) => headers[each] !== undefined);
  return header === undefined ? undefined : serviceError("ADMIN_REFUSED", noProxy, { metadata: { header } });
}

/**
 * Browsers send the origin of a request; to addresses without TLS only in the older header, and
 * only for changes.
 */
function siteRefusal(headers: IncomingHttpHeaders, { hosts }: AllowedWays): StatusError | undefined {
  const { origin, host = "" } = headers;
  const site = headers["sec-fetch-site"];
  if (site === "same-origin" || site === "none") return undefined;
  if (site === undefined && (origin === undefined || isOf(origin, host, hosts))) return undefined;
  return serviceError("CROSS_SITE_REFUSED", "No page of another site may ask what operators ask.", {
    metadata: { site: String(site ?? origin).slice(0, 100) },
  });
}

function isOf(origin: string, host: string, hosts: ReadonlySet<string> | undefined): boolean {
  if (!URL.canParse(origin)) return false;
  const url = new URL(origin);
  return url.host === host.toLowerCase() || hosts?.has(url.hostname) === true;
}
