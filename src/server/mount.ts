import type { IncomingMessage } from "node:http";
import { type HttpListener, nothingThere } from "./front.ts";
import { splitTarget } from "./target.ts";

/** A request as frameworks change it: they remove the prefix from `url` and keep the whole in `originalUrl`. */
type Mounted = IncomingMessage & { originalUrl?: unknown };

/** Segments of a path that can stand in an address as they came. */
const PLAIN = /^[\w.~!$&'()*+,;=:@%-]+(?:\/[\w.~!$&'()*+,;=:@%-]+)*$/;

/**
 * The prefix that a framework or {@link below} has removed from the path of a request, without a
 * slash at its beginning and with one at its end, such as `tools/`. Empty without a prefix.
 */
export function mountOf(request: IncomingMessage): string {
  const { originalUrl, url = "" } = request as Mounted;
  if (typeof originalUrl !== "string" || !url.startsWith("/") || !originalUrl.endsWith(url)) return "";
  const removed = originalUrl.slice(1, -url.length);
  return PLAIN.test(removed) ? `${removed}/` : "";
}

/**
 * Serves a listener below a path: it gets the requests without this path, and requests for other
 * paths are refused.
 *
 * @param path with a slash at both ends, such as `/tools/`
 */
export function below(path: string, listener: HttpListener): HttpListener {
  const bare = path.slice(0, -1);
  return (request: Mounted, response) => {
    const [whole, query] = splitTarget(request.url ?? "/");
    if (whole !== bare && !whole.startsWith(path)) return nothingThere(request, response);
    const behind = query === "" ? "" : `?${query}`;
    request.originalUrl ??= `${whole}${behind}`;
    request.url = `${whole.slice(bare.length) || "/"}${behind}`;
    listener(request, response);
  };
}
