import type { Dice } from "./dice.ts";

/** Texts that have broken programs before. */
const TEXTS: readonly string[] = [
  "",
  " ",
  "0",
  "-1",
  "null",
  "undefined",
  "true",
  "NaN",
  "1e999",
  "9".repeat(400),
  "__proto__",
  "constructor",
  "constructor.prototype",
  "prototype",
  "toString",
  "hasOwnProperty",
  "valueOf",
  "\u0000",
  "a\u0000b",
  "\r\nx-injected: 1",
  "\u2028\u2029",
  "\ufeff",
  "\u202e\u200b\u00ad",
  "\ud800",
  "\udfff\ud800",
  "👩‍👩‍👧‍👦",
  "e\u0301".repeat(50),
  "ß".repeat(300),
  "../../../etc/passwd",
  "..%2f..%2f",
  "//",
  "%",
  "%%",
  "%zz",
  "%c0%af",
  "%ed%a0%80",
  "%u0041",
  "%00",
  "'; drop table operations; --",
  '" or 1 = 1',
  "${7*7}",
  "<script>alert(1)</script>",
  "(".repeat(200),
  "[".repeat(5_000),
  '"',
  "\\",
  "*",
  "**",
  "-",
  ":",
  ".",
  "operations",
  "2026-01-01T00:00:00Z",
  "-0.000000001s",
  "315576000001s",
  "1e3s",
];

/** A value of the kind that a text should have. */
export function hostileText(dice: Dice): string {
  return dice.oneOf([
    () => dice.pick(TEXTS),
    () => dice.word(30),
    () => dice.pick(TEXTS) + dice.pick(TEXTS),
    () => dice.bytes(1 + dice.below(20)).toString("utf8"),
    () =>
      dice
        .pick(TEXTS)
        .repeat(1 + dice.below(20))
        .slice(0, 4_000),
  ]);
}

const NUMBERS: readonly string[] = [
  "0",
  "-0",
  "1",
  "-1",
  "0.1",
  "1e308",
  "1e999",
  "-1e999",
  "9007199254740993",
  "18446744073709551616",
  "2147483648",
  "123456789".repeat(100),
  "0.".concat("0".repeat(500), "1"),
];

const KEYS: readonly string[] = [
  "text",
  "milliseconds",
  "name",
  "@type",
  "value",
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "timeout",
  "requestId",
  "validateOnly",
  "",
  "\u0000",
  "a.b",
  "then",
  "toJSON",
  "length",
];

/** JSON text, mostly valid, of bounded size. */
export function hostileJson(dice: Dice, depth = 0): string {
  if (depth === 0 && dice.chance(0.07)) return deepJson(dice);
  if (depth > 4 || dice.chance(0.4)) return scalar(dice);
  const inner = (): string => hostileJson(dice, depth + 1);
  return dice.oneOf([
    () => `[${dice.some(5, inner).join(",")}]`,
    () => `{${dice.some(6, () => `${JSON.stringify(key(dice))}:${inner()}`).join(",")}}`,
    () => `{"__proto__":{"isAdmin":true,"then":1},"constructor":{"prototype":{"x":${inner()}}}}`,
  ]);
}

function key(dice: Dice): string {
  return dice.chance(0.7) ? dice.pick(KEYS) : hostileText(dice).slice(0, 50);
}

function scalar(dice: Dice): string {
  return dice.oneOf([
    () => JSON.stringify(hostileText(dice)),
    () => dice.pick(NUMBERS),
    () => dice.pick(["true", "false", "null"]),
    () => '"\\ud800"',
    () => '"\\u0000\\u2028"',
  ]);
}

/** Nested so deeply that unbounded recursion overflows the stack. */
function deepJson(dice: Dice): string {
  const depth = dice.pick([10, 50, 99, 100, 101, 1_000, 1_000, 20_000]);
  const [open, close] = dice.pick([
    ["[", "]"],
    ['{"a":', "}"],
    ['[{"__proto__":', "}]"],
  ] as const);
  const closed = dice.chance(0.8) ? close.repeat(depth) : "";
  return `${open.repeat(depth)}1${closed}`;
}
