import { LIMITS } from "../../src/core/limits.ts";
import { fill, list, VALUES } from "../growth/inputs.ts";
import type { Dice } from "./dice.ts";

/** Small texts that are costly to read, so that many of them are very costly. */
const UNITS: readonly string[] = [
  [
    "a",
    "1",
    " ",
    "\t",
    "é",
    "\u{1f600}",
    "-",
    "*",
    '"',
    "\\",
    "%",
    "+",
    ":",
    ";",
    "=",
    "&",
    "(",
    ")",
    "[",
    "{",
    "/",
    ".",
  ],
  [
    "a/",
    "a,",
    "a.",
    "a&",
    "a(",
    "*/",
    "*(a,b),",
    "a:b,",
    "operations/",
    "../",
    "%2f",
    "%00",
    "\\u0041",
    "0.",
    "1e",
  ],
  [
    "a=1&",
    "a=%20&",
    "pageSize=1&",
    "$.xgafv=2&",
    "fields=a&",
    "alt=json&",
    "numbers=1&",
    "inner.",
    "__proto__.",
  ],
  ["NOT ", "a=1 AND ", "metadata.a=1 OR ", "done=true ", 'a:"*" ', "(a=1)", "createTime desc,", "endTime,"],
  ["W/", '"a",', 'W/"1",', "gzip;q=0.1,", "a;q=1,", ";a=b", "for=1;host=a,", "Bearer ", "a=b; "],
].flat();

/** A size at a limit: just below it, and sometimes above it. */
export function nearly(dice: Dice, limit: number): number {
  return Math.floor(limit * dice.pick([0.5, 0.9, 0.99, 1, 1, 1, 1.02]));
}

/** A text of roughly the given length that repeats one item, or items with numbers in them. */
export function filling(dice: Dice, length: number): string {
  const unit = dice.oneOf([
    () => dice.pick(UNITS),
    () => dice.pick(UNITS),
    () => dice.pick(UNITS) + dice.pick(UNITS),
    () => dice.word(6),
  ]);
  const first = dice.chance(0.3) ? dice.pick(UNITS) : "";
  const last = dice.chance(0.3) ? dice.pick(UNITS) : "";
  if (dice.chance(0.6)) return first + fill(unit, length) + last;
  return first + list(Math.floor(length / (unit.length + 4)), (index) => `${unit}${index}`, "") + last;
}

const ELEMENTS: readonly string[] = [
  ["1", "[]", "{}", '""', "null", "true", '"a"', "1e9", "-0", "1.5", "1e-400", '"\\u0041"', '"\\ud83d"'],
  ["[1]", '{"a":1}', '{"__proto__":1}', "[[[]]]", '{"a":{"a":{}}}', '{"id":"a"}', '{"":null}'],
  [
    '{"method":"echo"}',
    '{"method":"echo","request":{"a":1}}',
    '{"@type":"a"}',
    '"2026-01-01T00:00:00Z"',
    '"1s"',
  ],
].flat();

/** JSON of roughly the given size: as many values as allowed or more, or a few long ones. */
export function jsonAtLimits(dice: Dice, bytes: number): string {
  const element = dice.pick(ELEMENTS);
  // As many values as allowed; in one case of five as many as fit.
  const valuesMax = dice.chance(0.8)
    ? nearly(dice, VALUES) / (element.split(/[[{:,]/).length - 1 || 1)
    : bytes;
  const count = (more: number): number => Math.floor(Math.min(valuesMax, bytes / (element.length + more)));
  const depth = dice.pick([1, 10, LIMITS.jsonDepthMax - 3, LIMITS.jsonDepthMax, 1_000]);
  return dice.oneOf([
    () => `[${list(count(1), () => element)}]`,
    () => `[${list(count(1), () => element)},${dice.pick(ELEMENTS)}]`,
    () => `{${list(count(10), (index) => `"k${index}":${element}`)}}`,
    () => `{${list(count(6), () => `"a":${element}`)}}`,
    () => `${fill('{"a":', 5 * depth)}[${list(count(1), () => element)}]${fill("}", depth)}`,
    () => JSON.stringify(filling(dice, bytes)),
    () => `"${fill(dice.pick(["\\u0041", "\\n", "\\\\", "é", "<", "\\ud83d"]), bytes)}"`,
    () => fill(dice.pick(["[", '{"a":', "[[],", " ", "1", "-", '"', "[{},"]), bytes),
    () => `{${JSON.stringify(filling(dice, bytes))}:1}`,
    () => `1${dice.pick([".", "e", "e-", ""])}${fill("1", bytes)}`,
  ]);
}
