import { parseQuery, type QueryParameter } from "./query.ts";

/** What a body is said to be, as far as it matters here. */
export type BodyKind = "json" | "form" | "multipart" | "other";

/**
 * Reads a content type. No content type, and `text/plain`, which `fetch` gives to every text, count as JSON: who posts to us
 * means JSON.
 *
 * @param contentType with parameters, as it came; undefined or empty for none
 */
export function bodyKindOf(contentType: string | undefined): BodyKind {
  if (contentType === undefined || contentType === "") return "json";
  const type = (contentType.split(";", 1)[0] ?? "").trim().toLowerCase();
  if (type === "application/json" || type === "text/plain" || type.endsWith("+json")) return "json";
  if (type === "application/x-www-form-urlencoded") return "form";
  return type === "multipart/mixed" ? "multipart" : "other";
}

/**
 * The content type of a request: what the parameter `$ct` says, or else the header.
 *
 * @see contract section 3.2
 */
export function contentTypeOf(
  query: readonly QueryParameter[],
  header: string | undefined,
): string | undefined {
  const inQuery = query.find(([name]) => name === "$ct")?.[1];
  return inQuery === undefined || inQuery === "" ? header : inQuery;
}

/**
 * The parameters in a form's body, or undefined where the body is JSON after all: curl's `-d` says form of everything.
 */
export function formParameters(bytes: Uint8Array): readonly QueryParameter[] | undefined {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8").trim();
  return /^[{["]/.test(text) ? undefined : parseQuery(text);
}
