import { serviceError } from "../../core/error/error.ts";

/** Decodes a path of several segments, except for encoded slashes (contract section 3.1). */
export function decodeButSlashes(raw: string): string {
  if (!raw.includes("%")) return raw;
  return raw
    .split(/(%2f)/i)
    .map((part, index) => (index % 2 === 1 ? part : decodeAll(part)))
    .join("");
}

/**
 * Decodes one segment, including slashes. @throws {StatusError} INVALID_ARGUMENT NAME_INVALID if it
 * is not UTF-8
 */
export function decodeAll(raw: string): string {
  if (!raw.includes("%")) return raw;
  try {
    return decodeURIComponent(raw);
  } catch {
    const shown = raw.slice(0, 200);
    throw serviceError("NAME_INVALID", `Invalid address: "${shown}" is not percent-encoded UTF-8.`, {
      metadata: { path: shown },
    });
  }
}
