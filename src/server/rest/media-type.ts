import { parseQuery, type QueryParameter } from "./query.ts";

/** The kind of a body, as far as it matters here. */
export type BodyKind = "json" | "form" | "multipart" | "other";

/**
 * Classifies a content type. No content type, and `text/plain`, the default of `fetch` for texts,
 * count as JSON.
 *
 * @param contentType with parameters, unchanged; undefined or empty for none
 */
export function bodyKindOf(contentType: string | undefined): BodyKind {
  if (contentType === undefined || contentType === "") return "json";
  const type = (contentType.split(";", 1)[0] ?? "").trim().toLowerCase();
  if (type === "application/json" || type === "text/plain" || type.endsWith("+json")) return "json";
  if (type === "application/x-www-form-urlencoded") return "form";
  return type === "multipart/mixed" ? "multipart" : "other";
}

/**
 * The content type of a request: the parameter `$ct`, or else the header.
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
 * The parameters in the body of a form; undefined if the body is JSON after all, because curl's
 * `-d` always declares a form.
 */
export function formParameters(bytes: Uint8Array): readonly QueryParameter[] | undefined {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8").trim();
  return /^[{["]/.test(text) ? undefined : parseQuery(text);
}
