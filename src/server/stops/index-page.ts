import type { IncomingMessage } from "node:http";
import { HTTP_FOUND, HTTP_OK } from "../../wire/code.ts";
import type { Stop } from "./stop.ts";

/** The content of the index, and the page for people. */
export interface IndexOptions {
  /** The service's name. */
  readonly name: string;
  /**
   * Addresses by content, such as `v1/operations`. Relative to the root, which may be below a
   * prefix.
   */
  readonly addresses: Readonly<Record<string, string>>;
  /** The page for people, such as `admin/`. @default none */
  readonly page?: string | undefined;
}

/**
 * Answers `/`: redirects browsers to the page for people if there is one, and gives all others an
 * index of addresses.
 */
export function indexPage({ name, addresses, page }: IndexOptions): Stop {
  const headers = {
    "content-type": "application/json; charset=UTF-8",
    "cache-control": "no-cache",
    "x-content-type-options": "nosniff",
    vary: "Accept",
  };
  const dashboard = page === undefined ? {} : { dashboard: page };
  const body = `${JSON.stringify({ name, ...addresses, ...dashboard }, null, 2)}\n`;
  return (request) => {
    if (page === undefined || !wantsHtml(request)) return { status: HTTP_OK, headers, body };
    // Relative, so that it works behind a proxy that strips a prefix.
    return { status: HTTP_FOUND, headers: { location: page, vary: "Accept" }, body: "" };
  };
}

/**
 * Whether HTML is accepted by name, as browsers do; a client that accepts everything is a program.
 */
function wantsHtml({ headers }: IncomingMessage): boolean {
  const ranges = (headers.accept ?? "").split(",");
  return ranges.some((range) => /^\s*text\/html\s*(?:;(?!\s*q=0(?:\.0*)?\s*$)|$)/i.test(range));
}
