import { compareBoolean, compareNumber, compareText, isElement } from "./compare.ts";
import { camelCase, snakeCase } from "./fields.ts";
import type { LiteralValue } from "./filter.ts";
import type { Comparator } from "./syntax.ts";

/**
 * Values of JSON, which are known only when they are seen. Payloads are nested `LIMITS.jsonDepthMax` deep at most, and so
 * is the recursion here.
 */

/** Follows a path and compares what is there. A list is gone through with `:` only: one of its elements will do. */
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

/** Whether an object has a member of that name, in either spelling, that is not null. */
export function hasKey(value: unknown, name: string): boolean {
  const found = member(value, name);
  return found !== undefined && found !== null;
}

/** Whether one of the texts inside the value, keys left out, has the text in it. */
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

/** Whether an element of a list is the literal, or a message that has it as a field. */
function isIn(element: unknown, literal: LiteralValue): boolean {
  if (typeof element === "string" || typeof element === "number" || typeof element === "boolean") {
    return isElement(element, literal);
  }
  return !Array.isArray(element) && hasKey(element, literal.text);
}

/** The member of that name, or of the name in the other spelling where there is none. */
function member(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const members = value as Readonly<Record<string, unknown>>;
  if (Object.hasOwn(members, name)) return members[name];
  const other = name.includes("_") ? camelCase(name) : snakeCase(name);
  return Object.hasOwn(members, other) ? members[other] : undefined;
}
