import type { IncomingMessage, ServerResponse } from "node:http";
import { serviceError, type StatusError } from "../../core/error/error.ts";
import { LIMITS } from "../../core/limits.ts";
import { HTTP_NO_CONTENT } from "../../wire/code.ts";
import type { Reply } from "./reply.ts";

/**
 * What pages of other origins may do, in browsers. Two different things:
 *
 * *Reading* is what browsers keep from pages unless we allow it (CORS). *Changing* is not: a page may post to any address,
 * the caller's own machine included, as long as the post looks like a form, and never sees the answer. Half of our clients
 * send posts that look so (contract section 3.5), so the content type cannot tell them from such a page. What can is what
 * only browsers send: `Sec-Fetch-Site`, and where a browser is too old for that, `Origin`.
 *
 * @see https://fetch.spec.whatwg.org/#http-cors-protocol
 * @see https://pkg.go.dev/net/http#CrossOriginProtection, the same rule for changes
 */
export class Origins {
  readonly #allowed: ReadonlySet<string>;
  readonly #all: boolean;

  /** @param allowed such as `https://app.example.com`; `*` for all */
  constructor(allowed: readonly string[]) {
    this.#allowed = new Set(allowed.map((each) => each.toLowerCase()));
    this.#all = allowed.includes("*");
  }

  /** The headers that let a page read the answer; undefined where it may not, or where nobody asks. */
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

  /** The answer to a browser that asks whether a page may send what it wants to send; undefined for all else. */
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
   * Why a request is not carried out: a browser sent it for a page of another origin, and it could change something.
   *
   * @param response where the server that we are mounted in may have allowed the origin already
   */
  refusalOf(request: IncomingMessage, response: ServerResponse): StatusError | undefined {
    const { headers, method = "GET" } = request;
    const { origin } = headers;
    const site = headers["sec-fetch-site"];
    // What is no browser sends neither.
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

/** What a page needs and could not read otherwise. */
const EXPOSED = "ETag, Retry-After, Allow, RateLimit, RateLimit-Policy, Location, Preference-Applied";
const ALL_MAY_READ = {
  "access-control-allow-origin": "*",
  "access-control-expose-headers": EXPOSED,
} as const;

function isOwnOrigin(origin: string | undefined, host: string | undefined): boolean {
  if (origin === undefined || host === undefined || !URL.canParse(origin)) return false;
  return new URL(origin).host === host.toLowerCase();
}
