import { serviceError } from "../error/error.ts";
import { LIMITS } from "../limits.ts";
import { codePoint } from "../value/text.ts";

/**
 * Names: `{parent}/operations/{id}`, or `operations/{id}` without a parent. No leading slash.
 *
 * @see AIP-122; contract section 1.7
 */
export interface OperationName {
  readonly parent: string;
  /** Opaque: the whole text after the first `operations/`, including slashes. */
  readonly id: string;
}

const COLLECTION = "operations";
/** The prefix of names without a parent. */
const WITHOUT_PARENT = `${COLLECTION}/`;

/** The separator of a parent and an id. */
const BELOW_PARENT = `/${COLLECTION}/`;
const HAS_EMPTY_SEGMENT = /^\/|\/\/|\/$/;

/** The name of an operation. */
export function formatName(name: OperationName): string {
  return name.parent === "" ? `${COLLECTION}/${name.id}` : `${name.parent}/${COLLECTION}/${name.id}`;
}

/**
 * Parses an operation's name.
 *
 * Google's Node client appends the whole name to the collection once more
 * (`operations/projects/p/operations/x`, contract section 6.3; google-gax 6.17 also sends
 * `operations/operations/x`). So if the rest is itself a name, it is used.
 *
 * @returns undefined if the text is not an operation's name
 */
export function parseName(text: string): OperationName | undefined {
  if (text.startsWith(WITHOUT_PARENT) && text.length > WITHOUT_PARENT.length) {
    // This is the usual case, and needs no splitting.
    const id = text.slice(WITHOUT_PARENT.length);
    if (!id.includes("/")) return { parent: "", id };
  }
  const before = text.indexOf(BELOW_PARENT);
  if (before > 0 && !text.startsWith(WITHOUT_PARENT) && !HAS_EMPTY_SEGMENT.test(text))
    return { parent: text.slice(0, before), id: text.slice(before + BELOW_PARENT.length) };
  const segments = text.split("/");
  const repeated =
    segments[0] === COLLECTION && segments.includes(COLLECTION, 1) && segments.at(-1) !== COLLECTION;
  const first = repeated ? 1 : 0;
  const at = segments.indexOf(COLLECTION, first);
  if (at === -1 || at === segments.length - 1 || segments.includes("")) return undefined;
  return { parent: segments.slice(first, at).join("/"), id: segments.slice(at + 1).join("/") };
}

/**
 * Parses the name of a list: `""`, `operations`, `P` or `P/operations`; clients use all of them
 * (contract section 1.7).
 */
export function parseCollection(text: string): string {
  if (text === "" || text === COLLECTION) return "";
  return text.endsWith(`/${COLLECTION}`) ? text.slice(0, -COLLECTION.length - 1) : text;
}

/**
 * Slashes separate segments and colons introduce verbs. Control characters, quotes, spaces, and
 * invisible characters that may change the display of the rest, such as U+202E, are not allowed.
 */
const REFUSED_CHARACTER = /[\s/:?#"'<>\\\p{Cc}\p{Cf}\p{Cs}]/u;

/** Clients and proxies remove these segments from an address (RFC 3986, section 5.2.4). */
const DOT_SEGMENTS: ReadonlySet<string> = new Set([".", ".."]);

/**
 * Checks a parent.
 *
 * @returns the parent in Unicode normal form C (AIP-122)
 * @throws {StatusError} INVALID_ARGUMENT NAME_INVALID
 */
export function checkParent(parent: string): string {
  if (parent === "") return parent;
  const { nameLengthMax } = LIMITS;
  // A character has at most two code units, so a longer text need not be counted.
  const isLong = parent.length > 2 * nameLengthMax || [...parent].length > nameLengthMax;
  const normal = isLong ? parent : parent.normalize("NFC");
  const violation = isLong ? `it must have ${nameLengthMax} characters at most` : parentViolation(normal);
  if (violation === undefined) return normal;
  const shown = parent.slice(0, 200);
  throw serviceError("NAME_INVALID", `Invalid parent ${JSON.stringify(shown)}: ${violation}.`, {
    metadata: { parent: shown },
  });
}

/** The violated rule of a parent, as a clause. */
function parentViolation(parent: string): string | undefined {
  for (const segment of parent.split("/")) {
    if (segment === "") return "it must not begin or end with a slash, or have two in a row";
    if (segment === COLLECTION)
      return `"${COLLECTION}" names the collection itself and cannot be part of the parent`;
    if (DOT_SEGMENTS.has(segment))
      return `"${segment}" cannot be a segment, since addresses are read without it`;
    const refused = REFUSED_CHARACTER.exec(segment)?.[0];
    if (refused !== undefined) return `it has the character ${codePoint(refused)}, which names cannot have`;
  }
  const { nameBytesMax } = LIMITS;
  const isLong = new TextEncoder().encode(parent).length > nameBytesMax;
  return isLong ? `it must have ${nameBytesMax} bytes at most in UTF-8` : undefined;
}
