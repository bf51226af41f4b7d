import { StatusError } from "../../core/error/error.ts";

/** Converts a value for JSON: errors with stack and causes, big numbers as text; never throws. */
export function plainField(value: unknown): unknown {
  if (value instanceof Error) return errorText(value);
  if (typeof value === "bigint" || typeof value === "symbol") return String(value);
  try {
    return JSON.parse(JSON.stringify(value) ?? "null") as unknown;
  } catch {
    return "(cannot be shown)";
  }
}

/**
 * The stacks of an error and its causes, outermost first. An unavailable service is not a bug, so
 * the stack is left out, and so are those of its causes.
 */
export function errorText(error: unknown): string {
  const expected = error instanceof StatusError && error.code === "UNAVAILABLE";
  const parts: string[] = [];
  for (let each: unknown = error, depth = 0; each !== undefined && depth < 5; depth++) {
    parts.push(each instanceof Error ? oneError(each, expected) : plainText(each));
    each = each instanceof Error ? each.cause : undefined;
  }
  return parts.join("\ncaused by: ");
}

function oneError(error: Error, expected: boolean): string {
  const summary = `${error.name}: ${error.message}`;
  return expected ? summary : (error.stack ?? summary);
}

function plainText(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? typeof value);
}
