/**
 * The source texts of numbers that JavaScript may not keep: `JSON.parse` rounds 9007199254740993,
 * and reads 1e400 as Infinity. They are kept apart from the values, for code that needs exact
 * numbers.
 */

const sources = new WeakMap<object, Map<string, string>>();
/** Values that contain such a number. */
const holders = new WeakSet();

/**
 * Whether a text may contain such a number: 16 digits in a row, or an exponent of three. It may
 * report too many, but never misses one.
 */
const MAY_HAVE_LARGE = /\d{16}|[eE]\+?0*[1-9]\d{2}/;

/**
 * `JSON.parse` that remembers the source of large numbers, and omits members with some names.
 * @throws {SyntaxError}
 */
export function parseJson(text: string, leavesOut?: (name: string) => boolean): unknown {
  const hasLarge = MAY_HAVE_LARGE.test(text);
  if (!hasLarge && leavesOut === undefined) return JSON.parse(text);
  return JSON.parse(text, function revive(this: object, key: string, value: unknown, context?: Context) {
    if (leavesOut?.(key) === true) return undefined;
    if (typeof value === "number" && !isSafe(value)) remember(this, key, context?.source ?? String(value));
    else if (typeof value === "object" && value !== null && holders.has(value)) holders.add(this);
    return value;
  });
}

interface Context {
  readonly source?: string;
}

/** The source of a member's number, if it is large. */
export function sourceOf(holder: object, key: string | number): string | undefined {
  return sources.get(holder)?.get(String(key));
}

/** A number that was not kept exactly: its place and its source. */
export interface LostNumber {
  readonly path: readonly (string | number)[];
  readonly source: string;
}

/**
 * Finds a number in a value from `parseJson`.
 *
 * @param isLost @default numbers that are not kept exactly
 * @returns undefined if there is none
 */
export function lostNumber(
  value: unknown,
  path: readonly (string | number)[] = [],
  isLost: (source: string) => boolean = (source) => !isExact(source),
): LostNumber | undefined {
  if (typeof value !== "object" || value === null || !holders.has(value)) return undefined;
  for (const [name, member] of Object.entries(value)) {
    const at = [...path, Array.isArray(value) ? Number(name) : name];
    const source = typeof member === "number" ? sourceOf(value, name) : undefined;
    if (source !== undefined && isLost(source)) return { path: at, source };
    const inside = lostNumber(member, at, isLost);
    if (inside !== undefined) return inside;
  }
  return undefined;
}

/** Whether a number is too large for JavaScript. */
export function isOverflow(source: string): boolean {
  return !Number.isFinite(Number(source));
}

/**
 * Whether a number is kept exactly; with decimals or an exponent, the nearest number is exact
 * enough.
 */
export function isExact(source: string): boolean {
  const number = Number(source);
  if (!Number.isFinite(number)) return false;
  if (!/^-?\d+$/.test(source)) return true;
  return String(number) === source || BigInt(number) === BigInt(source);
}

function isSafe(number: number): boolean {
  return Number.isFinite(number) && (!Number.isInteger(number) || Number.isSafeInteger(number));
}

function remember(holder: object, key: string, source: string): void {
  const known = sources.get(holder) ?? new Map<string, string>();
  sources.set(holder, known.set(key, source));
  holders.add(holder);
}
