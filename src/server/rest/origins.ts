import type { IncomingMessage, ServerResponse } from "node:http";
import { serviceError, type StatusError } from "../../core/error/error.ts";
import { LIMITS } from "../../core/limits.ts";
import { HTTP_NO_CONTENT } from "../../wire/code.ts";
import type { Reply } from "./reply.ts";

/**
 * The rights of pages of other origins, in browsers. There are two different rights:
 *
 * *Reading*: browsers keep pages from reading answers unless we allow it (CORS). *Changing*: a page
 * may post to any address, even on the caller's own machine, if the post looks like a form; it just
 * never sees the answer. Half of our clients send posts of that form (contract section 3.5), so the
 * content type cannot distinguish them from such a page. The headers that only browsers send can:
 * `Sec-Fetch-Site`, or `Origin` from older browsers.
 *
 * @see https://fetch.spec.whatwg.org/#http-cors-protocol
 * @see https://pkg.go.dev/net/http#CrossOriginProtection, the same rule for changes
 */
export class Origins {
  readonly #allowed: ReadonlySet<string>;
  readonly #all: boolean;

  /** @param allowed origins such as `https://app.example.com`; `*` for all */
  constructor(allowed: readonly string[]) {
    this.#allowed = new Set(allowed.map((each) => each.toLowerCase()));
    this.#all = allowed.includes("*");
  }

  /**
   * The headers that allow a page to read the answer; undefined if it may not, or if no page asks.
   */
  headersFor(request: IncomingMessage): Readonly<Record<string, string>> | undefined {
    if (this.#allowed.size === 0) return undefined;
    if (this.#all) return ALL_MAY_READ;
    const { origin } = request.headers;
    if (origin === undefined || !this.#allows(origin)) return { vary: "Origin" };
    return {
      "access-control-allow-origin": origin,
      "access-control-expose-headers": EXPOSED,
      vary: "Origin",
    };
  }

  /** The answer to a browser's preflight request; undefined for all other requests. */
  preflight(request: IncomingMessage): Reply | undefined {
    const { headers, method } = request;
    const asked = headers["access-control-request-method"];
    if (method !== "OPTIONS" || asked === undefined || !this.#allows(headers.origin)) return undefined;
    return {
      status: HTTP_NO_CONTENT,
      headers: {
        "access-control-allow-methods": "GET, HEAD, POST, PUT, PATCH, DELETE",
        "access-control-allow-headers": headers["access-control-request-headers"] ?? "*",
        "access-control-max-age": String(LIMITS.preflightAgeSeconds),
        vary: "Access-Control-Request-Method, Access-Control-Request-Headers",
      },
      body: "",
    };
  }

  /**
   * The reason to reject a request: a browser sent it for a page of another origin, and it could
   * change something.
   *
   * @param response the response, in which the surrounding server may have allowed the origin
   * already
   */
  refusalOf(request: IncomingMessage, response: ServerResponse): StatusError | undefined {
    const { headers, method = "GET" } = request;
    const { origin } = headers;
    const site = headers["sec-fetch-site"];
    // Clients other than browsers send neither header.
    if (origin === undefined && site === undefined) return undefined;
    if (SAFE_METHODS.has(method) || site === "same-origin" || site === "none") return undefined;
    if (site === undefined && isOwnOrigin(origin, headers.host)) return undefined;
    if (this.#allows(origin)) return undefined;
    const allowedBefore = response.getHeader("access-control-allow-origin");
    if (allowedBefore === "*" || (origin !== undefined && allowedBefore === origin)) return undefined;
    const shown = (origin ?? "another origin").slice(0, 200);
    return serviceError(
      "ORIGIN_REFUSED",
      `A page of ${shown} may not call this server from a browser; its operator can allow that with the setting cors.`,
      { metadata: { origin: shown } },
    );
  }

  #allows(origin: string | undefined): boolean {
    return this.#all || (origin !== undefined && this.#allowed.has(origin.toLowerCase()));
  }
}

const SAFE_METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

/** Headers that a page needs and could not read otherwise. */
const EXPOSED = "ETag, Retry-After, Allow, RateLimit, RateLimit-Policy, Location, Preference-Applied";
const ALL_MAY_READ = {
  "access-control-allow-origin": "*",
  "access-control-expose-headers": EXPOSED,
} as const;

function isOwnOrigin(origin: string | undefined, host: string | undefined): boolean {
  if (origin === undefined || host === undefined || !URL.canParse(origin)) return false;
  return new URL(origin).host === host.toLowerCase();
}
