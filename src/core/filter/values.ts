import { compareBoolean, compareNumber, compareText, isElement } from "./compare.ts";
import { camelCase, snakeCase } from "./fields.ts";
import type { LiteralValue } from "./filter.ts";
import type { Comparator } from "./syntax.ts";

/**
 * Comparisons with JSON values, whose types are only known from the operation. Payloads have at
 * most `LIMITS.jsonDepthMax` levels, and so has the recursion here.
 */

/**
 * Follows a path and compares the value there. Only `:` searches a list, and needs one matching
 * element.
 */
export function walk(
  value: unknown,
  path: readonly string[],
  comparator: Comparator,
  literal: LiteralValue,
): boolean {
  const [segment] = path;
  if (segment === undefined) return compareValue(value, comparator, literal);
  if (Array.isArray(value))
    return comparator === ":" && value.some((each) => walk(each, path, comparator, literal));
  const found = member(value, segment);
  return found !== undefined && walk(found, path.slice(1), comparator, literal);
}

/** Whether an object has a member of this name, in either spelling, that is not null. */
export function hasKey(value: unknown, name: string): boolean {
  const found = member(value, name);
  return found !== undefined && found !== null;
}

/** Whether a text inside the value, apart from keys, contains the text. */
export function textInside(value: unknown, text: string): boolean {
  if (typeof value === "string") return value.includes(text);
  if (typeof value !== "object" || value === null) return false;
  return Object.values(value).some((each) => textInside(each, text));
}

function compareValue(value: unknown, comparator: Comparator, literal: LiteralValue): boolean {
  if (typeof value === "string") return compareText(value, comparator, literal);
  if (typeof value === "number") return compareNumber(value, comparator, literal);
  if (typeof value === "boolean") return compareBoolean(value, comparator, literal);
  if (comparator !== ":" || typeof value !== "object" || value === null) return false;
  if (!Array.isArray(value))
    return literal.presence ? Object.keys(value).length > 0 : hasKey(value, literal.text);
  return literal.presence ? value.length > 0 : value.some((each) => isIn(each, literal));
}

/** Whether an element of a list equals the literal, or is a message with such a field. */
function isIn(element: unknown, literal: LiteralValue): boolean {
  if (typeof element === "string" || typeof element === "number" || typeof element === "boolean") {
    return isElement(element, literal);
  }
  return !Array.isArray(element) && hasKey(element, literal.text);
}

/** The member of this name, or else of the name in the other spelling. */
function member(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const members = value as Readonly<Record<string, unknown>>;
  if (Object.hasOwn(members, name)) return members[name];
  const other = name.includes("_") ? camelCase(name) : snakeCase(name);
  return Object.hasOwn(members, other) ? members[other] : undefined;
}
