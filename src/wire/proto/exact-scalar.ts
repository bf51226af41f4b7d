import { type DescEnum, type JsonValue, ScalarType } from "@bufbuild/protobuf";
import { instantOf } from "../../core/value/timestamp.ts";

/**
 * Converts field values exactly to proto-JSON, or reports the reason. The library that reads
 * proto-JSON accepts more than the specification: hexadecimal numbers, blanks, the 30th of
 * February, text after a duration.
 *
 * @see https://protobuf.dev/programming-guides/json
 */

/** The error for a value that its field cannot hold exactly. */
export class InexactError extends Error {}

/** A number in JSON. */
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
/**
 * Limited to the digits of the largest type, because parsing a megabyte of digits takes a second.
 */
const INTEGER = /^-?(?:0|[1-9]\d{0,29})$/;
const BASE64 = /^(?:[A-Za-z0-9+/]*|[A-Za-z0-9_-]*)(={0,2})$/;
const TIMESTAMP = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/;
const DURATION = /^(-?)(\d{1,12})(?:\.(\d{1,9}))?s$/;
const DURATION_SECONDS_MAX = 315_576_000_000;
/** 0001-01-01T00:00:00Z and the second before the year 10000. */
const TIMESTAMP_MS = [-62_135_596_800_000, 253_402_300_799_000] as const;

const RANGES: Readonly<Partial<Record<ScalarType, readonly [min: bigint, max: bigint]>>> = {
  [ScalarType.INT32]: [-(2n ** 31n), 2n ** 31n - 1n],
  [ScalarType.SINT32]: [-(2n ** 31n), 2n ** 31n - 1n],
  [ScalarType.SFIXED32]: [-(2n ** 31n), 2n ** 31n - 1n],
  [ScalarType.UINT32]: [0n, 2n ** 32n - 1n],
  [ScalarType.FIXED32]: [0n, 2n ** 32n - 1n],
  [ScalarType.INT64]: [-(2n ** 63n), 2n ** 63n - 1n],
  [ScalarType.SINT64]: [-(2n ** 63n), 2n ** 63n - 1n],
  [ScalarType.SFIXED64]: [-(2n ** 63n), 2n ** 63n - 1n],
  [ScalarType.UINT64]: [0n, 2n ** 64n - 1n],
  [ScalarType.FIXED64]: [0n, 2n ** 64n - 1n],
};

/**
 * A scalar as proto-JSON.
 *
 * @param source the text of the number, if known
 * @throws {InexactError}
 */
export function scalarJson(scalar: ScalarType, value: unknown, source?: string): JsonValue {
  switch (scalar) {
    case ScalarType.STRING:
      return textJson(value);
    case ScalarType.BOOL:
      if (typeof value === "boolean") return value;
      throw new InexactError(`expected true or false, got ${shown(value)}`);
    case ScalarType.BYTES:
      return bytesJson(value);
    case ScalarType.FLOAT:
    case ScalarType.DOUBLE:
      return floatJson(value, scalar === ScalarType.FLOAT);
    default:
      return integerJson(scalar, value, source);
  }
}

/** An enum's value as proto-JSON: its name, or its number. @throws {InexactError} */
export function enumJson(desc: DescEnum, value: unknown): JsonValue {
  if (typeof value === "string" && desc.values.some(({ name }) => name === value)) return value;
  const isNumber = typeof value === "number" && Number.isInteger(value) && Math.abs(value) < 2 ** 31;
  if (isNumber && (desc.open || desc.values.some((each) => each.number === value))) return value;
  const names = desc.values.slice(0, 10).map(({ name }) => name);
  throw new InexactError(`expected one of ${names.join(", ")}, or its number, got ${shown(value)}`);
}

/** A point in time as proto-JSON. @throws {InexactError} */
export function timestampJson(value: unknown): string {
  const [, date = "", time = "", zone = ""] = typeof value === "string" ? (TIMESTAMP.exec(value) ?? []) : [];
  const ms = instantOf(date, time, zone);
  if (ms !== undefined && ms >= TIMESTAMP_MS[0] && ms <= TIMESTAMP_MS[1]) return value as string;
  throw new InexactError(`expected a time such as "2026-01-31T12:00:00Z", got ${shown(value)}`);
}

/** A duration as proto-JSON. @throws {InexactError} */
export function durationJson(value: unknown): string {
  const match = typeof value === "string" ? DURATION.exec(value) : null;
  const seconds = Number(match?.[2]);
  const isIn =
    seconds < DURATION_SECONDS_MAX || (seconds === DURATION_SECONDS_MAX && !/[1-9]/.test(match?.[3] ?? ""));
  if (match !== null && isIn) return value as string;
  throw new InexactError(`expected a duration in seconds such as "3.5s", got ${shown(value)}`);
}

function textJson(value: unknown): string {
  if (typeof value !== "string") throw new InexactError(`expected a text, got ${shown(value)}`);
  if (value.isWellFormed()) return value;
  throw new InexactError("the text has half of a surrogate pair, which is no character");
}

function bytesJson(value: unknown): string {
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  const padding = typeof value === "string" ? BASE64.exec(value)?.[1] : undefined;
  if (typeof value === "string" && padding !== undefined && isWholeBase64(value, padding.length))
    return value;
  throw new InexactError(`expected bytes in Base64, got ${shown(value)}`);
}

/** Whether the last byte is complete, and padding, if any, is too. */
function isWholeBase64(text: string, padding: number): boolean {
  const length = text.length - padding;
  if (padding > 0 && text.length % 4 !== 0) return false;
  if (length % 4 === 1) return false;
  const last = Buffer.from(text.slice(length - (length % 4), length), "base64url").toString("base64url");
  return (
    length % 4 === 0 ||
    last ===
      text
        .slice(length - (length % 4), length)
        .replaceAll("+", "-")
        .replaceAll("/", "_")
  );
}

function floatJson(value: unknown, isSingle: boolean): JsonValue {
  const number = typeof value === "string" && NUMBER.test(value) ? Number(value) : value;
  if (number === "NaN" || number === "Infinity" || number === "-Infinity") return number;
  if (typeof number !== "number") throw new InexactError(`expected a number, got ${shown(value)}`);
  if (typeof value === "number" && !Number.isFinite(value)) return String(value);
  if (Number.isFinite(isSingle ? Math.fround(number) : number)) return number;
  throw new InexactError(`the number ${shown(value)} is too large`);
}

function integerJson(scalar: ScalarType, value: unknown, source: string | undefined): JsonValue {
  const [min, max] = RANGES[scalar] ?? [0n, 0n];
  const integer = integerOf(value, source);
  if (integer === undefined) throw new InexactError(`expected a whole number, got ${shown(value)}`);
  if (integer < min || integer > max)
    throw new InexactError(`expected a whole number from ${min} to ${max}, got ${integer}`);
  return max < 2n ** 53n ? Number(integer) : String(integer);
}

function integerOf(value: unknown, source: string | undefined): bigint | undefined {
  if (typeof value === "bigint") return value;
  if (typeof value === "number" && Number.isSafeInteger(value)) return BigInt(value);
  if (typeof value === "number") {
    if (source !== undefined && INTEGER.test(source)) return BigInt(source);
    if (!Number.isInteger(value)) return undefined;
    throw new InexactError(`the number ${value} is above 2^53 and may have been rounded; write it as a text`);
  }
  if (typeof value !== "string" || !NUMBER.test(value)) return undefined;
  if (INTEGER.test(value)) return BigInt(value);
  const number = Number(value);
  return Number.isSafeInteger(number) ? BigInt(number) : undefined;
}

/** A value for messages. */
export function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.slice(0, 100));
  if (typeof value === "bigint" || typeof value === "number") return String(value);
  if (Array.isArray(value)) return "a list";
  if (typeof value !== "object" || value === null)
    return typeof value === "boolean" ? String(value) : typeof value;
  const { constructor } = value as { readonly constructor?: unknown };
  return typeof constructor === "function" && constructor !== Object
    ? `a ${constructor.name.slice(0, 100)}`
    : "an object";
}
