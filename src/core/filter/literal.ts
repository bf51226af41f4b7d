import type { LiteralValue, Pattern } from "./filter.ts";
import { instantOf } from "../value/timestamp.ts";
import type { Comparator, Literal } from "./syntax.ts";

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const TIMESTAMP = /^(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)$/;
// The form of proto-JSON: seconds.
const DURATION = /^-?\d{1,12}(?:\.\d{1,9})?s$/;

/**
 * Reads a literal with all its meanings. Quoted literals are neither numbers nor booleans, because
 * quotes mean text.
 */
export function readLiteral(literal: Literal, comparator: Comparator): LiteralValue {
  const { text, quoted } = literal;
  const has = comparator === ":";
  return {
    text,
    presence: has && !quoted && text === "*",
    pattern: comparator === "=" || comparator === "!=" ? patternOf(literal) : undefined,
    boolean: quoted ? undefined : readBoolean(text),
    number: quoted ? undefined : readNumber(text),
    time: readTime(text),
    durationMs: readDuration(text),
  };
}

/** `true` and `false` in this spelling only (AIP-160). */
export function readBoolean(text: string): boolean | undefined {
  return text === "true" || (text === "false" ? false : undefined);
}

/** A number in digits, optionally with a sign, decimals and an exponent. */
export function readNumber(text: string): number | undefined {
  if (!NUMBER.test(text)) return undefined;
  const number = Number(text);
  return Number.isFinite(number) ? number : undefined;
}

/**
 * An RFC 3339 timestamp as milliseconds since the Unix epoch, with a fraction for anything finer.
 */
export function readTime(text: string): number | undefined {
  const match = TIMESTAMP.exec(text);
  if (match === null) return undefined;
  const [, date = "", time = "", fraction = "", zone = ""] = match;
  const whole = instantOf(date, time, zone.toUpperCase());
  return whole === undefined ? undefined : whole + Number(`0${fraction}`) * 1_000;
}

/** A proto-JSON duration, such as `1.5s`, in milliseconds. */
export function readDuration(text: string): number | undefined {
  return DURATION.test(text) ? Number(text.slice(0, -1)) * 1_000 : undefined;
}

function patternOf({ text, wildcardFirst, wildcardLast }: Literal): Pattern | undefined {
  if (!wildcardFirst && !wildcardLast) return undefined;
  const inner = text.slice(wildcardFirst ? 1 : 0, wildcardLast && text.length > 1 ? -1 : undefined);
  return { text: inner, openFirst: wildcardFirst, openLast: wildcardLast };
}
