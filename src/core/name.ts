import { serviceError } from "./error.ts";
import { LIMITS } from "./limits.ts";

/**
 * Names: `{parent}/operations/{id}`, or `operations/{id}` without a parent. No leading slash.
 *
 * @see AIP-122; contract section 1.7
 */
export interface OperationName {
  readonly parent: string;
  /** Opaque: whatever stands after the first `operations/`, slashes and all. */
  readonly id: string;
}

const COLLECTION = "operations";

/** The name of an operation. */
export function formatName(name: OperationName): string {
  return name.parent === "" ? `${COLLECTION}/${name.id}` : `${name.parent}/${COLLECTION}/${name.id}`;
}

/**
 * Reads an operation's name.
 *
 * Google's Node client puts the whole name behind the collection once more (`operations/projects/p/operations/x`, contract
 * section 6.3; `operations/operations/x` too, seen of google-gax 6.17), so a rest that is itself a name is that name.
 *
 * @returns undefined where the text is no operation's name
 */
export function parseName(text: string): OperationName | undefined {
  const segments = text.split("/");
  const repeated =
    segments[0] === COLLECTION && segments.includes(COLLECTION, 1) && segments.at(-1) !== COLLECTION;
  const first = repeated ? 1 : 0;
  const at = segments.indexOf(COLLECTION, first);
  if (at === -1 || at === segments.length - 1 || segments.includes("")) return undefined;
  return { parent: segments.slice(first, at).join("/"), id: segments.slice(at + 1).join("/") };
}

/** Reads the name of a list: `""`, `operations`, `P` or `P/operations`, all in use (contract section 1.7). */
export function parseCollection(text: string): string {
  if (text === "" || text === COLLECTION) return "";
  return text.endsWith(`/${COLLECTION}`) ? text.slice(0, -COLLECTION.length - 1) : text;
}

// Slashes separate, colons introduce verbs; controls, quotes and spaces have no place in a name.
const SEGMENT = /^[^\s/:?#"'<>\\\p{Cc}\p{Cs}]+$/u;

/**
 * Checks a parent.
 *
 * @returns the parent in Unicode normal form C (AIP-122)
 * @throws {StatusError} INVALID_ARGUMENT NAME_INVALID
 */
export function checkParent(parent: string): string {
  if (parent === "") return parent;
  const refuse = (rule: string): never => {
    throw serviceError("NAME_INVALID", `Invalid parent ${JSON.stringify(parent.slice(0, 200))}: ${rule}.`, {
      metadata: { parent: parent.slice(0, 200) },
    });
  };
  if ([...parent].length > LIMITS.nameLengthMax)
    refuse(`it must have ${LIMITS.nameLengthMax} characters at most`);
  for (const segment of parent.split("/")) {
    if (segment === "") refuse("it must not begin or end with a slash, or have two in a row");
    if (segment === COLLECTION)
      refuse(`"${COLLECTION}" names the collection itself and cannot be part of the parent`);
    if (!SEGMENT.test(segment)) refuse("it has a character that names cannot have");
  }
  const normal = parent.normalize("NFC");
  if (new TextEncoder().encode(normal).length > LIMITS.nameBytesMax)
    refuse(`it must have ${LIMITS.nameBytesMax} bytes at most in UTF-8`);
  return normal;
}
