import { StatusError } from "../../core/error/error.ts";

/** What JSON can hold: errors with stack and causes, big numbers as text, and never a throw. */
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
 * Stack and causes, outermost first. A service that is not available is no bug, and where in the program it was noticed
 * helps nobody: its stack is left out, and so are those of its causes.
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
