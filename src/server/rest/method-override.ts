import type { IncomingHttpHeaders } from "node:http";
import { serviceError } from "../../core/error/error.ts";
import type { QueryParameter } from "./query.ts";

const OVERRIDES: ReadonlySet<string> = new Set(["GET", "POST", "PUT", "PATCH", "DELETE"]);

/**
 * The HTTP method that a POST stands for: clients send a POST if the address is too long, or if a
 * proxy would block the method. With other methods the override is ignored.
 *
 * @throws {StatusError} INVALID_ARGUMENT PARAMETER_INVALID for a method that cannot be overridden
 * @see contract sections 3.2, 3.4
 */
export function overriddenMethod(
  method: string,
  query: readonly QueryParameter[],
  headers: IncomingHttpHeaders,
): string {
  if (method !== "POST") return method;
  const wanted = query.find(([name]) => name === "$httpMethod")?.[1] ?? headers["x-http-method-override"];
  if (typeof wanted !== "string" || wanted === "") return method;
  const upper = wanted.toUpperCase();
  if (OVERRIDES.has(upper)) return upper;
  const shown = wanted.slice(0, 100);
  throw serviceError(
    "PARAMETER_INVALID",
    `Invalid method override: expected GET, POST, PUT, PATCH or DELETE, got "${shown}".`,
    { metadata: { parameter: "X-HTTP-Method-Override", value: shown } },
  );
}
