import type { LiteralValue, Pattern } from "./filter.ts";
import { instantOf } from "../value/timestamp.ts";
import type { Comparator, Literal } from "./syntax.ts";

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const TIMESTAMP = /^(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)$/;
// As proto-JSON writes it: seconds.
const DURATION = /^-?\d{1,12}(?:\.\d{1,9})?s$/;

/** Reads a literal as everything it can be. Quoted ones are no numbers and no booleans: quotes are for text. */
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

/** `true` and `false`, and no other spelling (AIP-160). */
export function readBoolean(text: string): boolean | undefined {
  return text === "true" || (text === "false" ? false : undefined);
}

/** A number in digits, with a sign, decimals and an exponent if need be. */
export function readNumber(text: string): number | undefined {
  if (!NUMBER.test(text)) return undefined;
  const number = Number(text);
  return Number.isFinite(number) ? number : undefined;
}

/** An RFC 3339 timestamp as milliseconds since the Unix epoch; what is finer than a millisecond is a fraction of it. */
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
