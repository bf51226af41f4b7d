import type { Dice } from "./dice.ts";
import { hostileText } from "./hostile.ts";
import type { Target } from "./request.ts";

/** Every parameter that the service knows, and some that it does not know. */
const NAMES: readonly string[] = [
  "$.xgafv",
  "alt",
  "$alt",
  "fields",
  "$fields",
  "prettyPrint",
  "$prettyPrint",
  "callback",
  "$callback",
  "key",
  "$key",
  "access_token",
  "oauth_token",
  "quotaUser",
  "uploadType",
  "upload_protocol",
  "$apiVersion",
  "$userProject",
  "$ct",
  "$httpMethod",
  "$httpHeaders",
  "$unique",
  "$outputDefaults",
  "pageSize",
  "page_size",
  "pageToken",
  "filter",
  "orderBy",
  "name",
  "returnPartialSuccess",
  "timeout",
  "requestId",
  "validateOnly",
  "timeToLive",
  "delay",
  "priority",
  "version",
  "__proto__",
  "constructor",
  "toString",
];

/** Values, each of which suits some of the names. */
const VALUES: readonly string[] = [
  "json",
  "json;enum-encoding=int",
  "proto",
  "media",
  "1",
  "2",
  "true",
  "false",
  "alert",
  "a.b.c",
  "1000",
  "-1",
  "10ms",
  "0.001s",
  "1s",
  "*",
  "DELETE",
  "GET",
  "createTime desc",
  "endTime",
  "name,done",
];

/** A query, encoded as necessary. */
export function hostileQuery(dice: Dice, target: Target): string {
  const pairs = dice.some(dice.pick([1, 2, 6]), () => {
    const name = dice.chance(0.9) ? dice.pick(NAMES) : hostileText(dice);
    return `${encode(dice, name)}${dice.chance(0.95) ? "=" : ""}${encode(dice, valueFor(dice, name, target))}`;
  });
  return pairs.join(dice.pick(["&", "&", "&", "&&", ";"]));
}

function valueFor(dice: Dice, name: string, target: Target): string {
  if (name === "filter" && dice.chance(0.9)) return hostileFilter(dice);
  if (name.endsWith("fields") && dice.chance(0.8)) return hostileMask(dice);
  if (name === "pageToken" && dice.chance(0.8)) return hostileToken(dice, target);
  // Waits occupy a connection, so most of them are short.
  if (name === "timeout" && dice.chance(0.9)) return dice.pick(["0s", "0.01s", "-1s", "1e3s", "x", "0.1s"]);
  return dice.chance(0.6) ? dice.pick(VALUES) : hostileText(dice);
}

function encode(dice: Dice, text: string): string {
  if (dice.chance(0.1)) return text;
  return encodeURIComponent(text.toWellFormed());
}

const FILTER_WORDS: readonly string[] = [
  "done",
  "name",
  "metadata.state",
  "metadata.value.state",
  "metadata.a.b.c.d.e.f.g",
  "metadata.__proto__.x",
  "error.code",
  "response.text",
  "response",
  "=",
  "!=",
  "<",
  "<=",
  ":",
  "AND",
  "OR",
  "NOT",
  "-",
  "(",
  ")",
  "true",
  "FAILED",
  '"FAILED"',
  '"*a*a*a*a*a*a*a*b"',
  "*",
  "1e999",
  "2026-01-01T00:00:00Z",
  "20s",
  ",",
  ".",
  "has(x)",
  'regex(name, "(a+)+$")',
  '"',
  "'",
  "\\",
];

function hostileFilter(dice: Dice): string {
  return dice.oneOf([
    () => dice.some(20, () => dice.pick(FILTER_WORDS)).join(" "),
    () => dice.some(60, () => dice.pick(FILTER_WORDS)).join(""),
    () => `${"(".repeat(dice.below(3_000))}done=true${")".repeat(dice.below(3_000))}`,
    () => Array.from({ length: dice.below(800) }, () => "done=true").join(dice.pick([" OR ", " AND ", " "])),
    () => `${"NOT ".repeat(dice.below(1_000))}done=true`,
    () => `metadata${".a".repeat(dice.below(2_000))}=1`,
    () => `name="${"*a".repeat(dice.below(1_500))}*"`,
    () => `metadata.state = ${JSON.stringify(hostileText(dice))}`,
    () => hostileText(dice),
  ]);
}

const MASK_WORDS = [
  "name",
  "done",
  "metadata",
  "response",
  "error",
  "operations",
  "value",
  "a",
  "*",
  "__proto__",
];

function hostileMask(dice: Dice): string {
  const word = (): string => dice.pick(MASK_WORDS);
  return dice.oneOf([
    () => dice.some(8, word).join(dice.pick([",", "/", ".", "(", ")"])),
    () => Array.from({ length: dice.below(2_000) }, word).join(","),
    () => Array.from({ length: dice.below(2_000) }, word).join("/"),
    () => `${"metadata(".repeat(dice.below(1_500))}a${")".repeat(dice.below(1_500))}`,
    () => dice.some(30, () => dice.pick([...MASK_WORDS, ",", "/", "(", ")", ".", " "])).join(""),
    () => hostileText(dice),
  ]);
}

function hostileToken(dice: Dice, { pageTokens }: Target): string {
  const token = dice.pick([...pageTokens, "AAAA"]);
  return dice.oneOf([
    () => token,
    () => token.slice(0, dice.below(token.length + 1)),
    () => `${token.slice(0, 5)}${dice.word(1)}${token.slice(6)}`,
    () => dice.bytes(dice.below(200)).toString("base64url"),
    () => token.repeat(20),
  ]);
}
