import type { LiteralValue, Pattern } from "./filter.ts";
import { readDuration, readNumber, readTime } from "./literal.ts";
import type { Comparator } from "./syntax.ts";

/**
 * Compares a text with a literal. If the literal and the text are both timestamps, durations or
 * numbers, their values are compared (proto-JSON writes 64-bit numbers as texts); otherwise their
 * code points. `:` tests whether the text contains the literal.
 */
export function compareText(value: string, comparator: Comparator, literal: LiteralValue): boolean {
  if (literal.presence) return value !== "";
  if (comparator === ":") return value.includes(literal.text);
  if (literal.pattern !== undefined) return (comparator === "=") === fitsPattern(value, literal.pattern);
  return holds(comparator, differenceOf(value, literal));
}

/** Compares a number; a literal that is not a number is only different. */
export function compareNumber(value: number, comparator: Comparator, literal: LiteralValue): boolean {
  if (literal.presence) return true;
  return holds(comparator, literal.number === undefined ? undefined : value - literal.number);
}

/** Compares an instant, in milliseconds since the Unix epoch. */
export function compareTime(value: number, comparator: Comparator, literal: LiteralValue): boolean {
  if (literal.presence) return true;
  return holds(comparator, literal.time === undefined ? undefined : value - literal.time);
}

/** Compares a boolean, which has no order. */
export function compareBoolean(value: boolean, comparator: Comparator, literal: LiteralValue): boolean {
  if (literal.presence) return true;
  const equal = literal.boolean === value;
  return comparator === "!=" ? !equal : equal && (comparator === "=" || comparator === ":");
}

/** Whether the element of a list equals the literal of `:`; a part of its text is not enough. */
export function isElement(value: string | number | boolean, literal: LiteralValue): boolean {
  if (typeof value === "number") return compareNumber(value, "=", literal);
  if (typeof value === "boolean") return compareBoolean(value, "=", literal);
  return literal.presence ? value !== "" : differenceOf(value, literal) === 0;
}

/**
 * The order of two texts by code points: the same as the order of their UTF-8 bytes, and as
 * SQLite's.
 */
export function orderOfTexts(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const [x, y] = [a.charCodeAt(index), b.charCodeAt(index)];
    if (x === y) continue;
    // Surrogates encode code points above U+FFFF, but are code units below U+E000.
    if (isSurrogate(x) !== isSurrogate(y)) return isSurrogate(x) ? 1 : -1;
    return x - y;
  }
  return a.length - b.length;
}

function differenceOf(value: string, literal: LiteralValue): number | undefined {
  if (literal.time !== undefined) return difference(readTime(value), literal.time);
  if (literal.durationMs !== undefined) return difference(readDuration(value), literal.durationMs);
  const number = literal.number === undefined ? undefined : readNumber(value);
  if (number !== undefined && literal.number !== undefined) return number - literal.number;
  return orderOfTexts(value, literal.text);
}

function difference(value: number | undefined, literal: number): number | undefined {
  return value === undefined ? undefined : value - literal;
}

/**
 * @param order below, at or above 0; undefined if the values have no order and are only different
 */
function holds(comparator: Comparator, order: number | undefined): boolean {
  if (order === undefined) return comparator === "!=";
  switch (comparator) {
    case "=":
    case ":":
      return order === 0;
    case "!=":
      return order !== 0;
    case "<":
      return order < 0;
    case "<=":
      return order <= 0;
    case ">":
      return order > 0;
    case ">=":
      return order >= 0;
  }
}

function fitsPattern(value: string, { text, openFirst, openLast }: Pattern): boolean {
  if (openFirst && openLast) return value.includes(text);
  return openFirst ? value.endsWith(text) : value.startsWith(text);
}

function isSurrogate(codeUnit: number): boolean {
  return codeUnit >= 0xd800 && codeUnit <= 0xdfff;
}
