import { readFileSync } from "node:fs";

/** The version of this package, from its package.json. */
export function version(): string {
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { readonly version: string }).version;
}

/** The `User-Agent` of requests to other servers, such as `longrunning/0.1.0`. */
export function userAgent(): string {
  return `longrunning/${version()}`;
}
