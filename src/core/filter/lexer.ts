import { filterRefusal, shown } from "./refusal.ts";
import type { Comparator } from "./syntax.ts";

/** A piece of a filter's text. */
export interface Token {
  readonly kind: "text" | "string" | "(" | ")" | "," | "." | "end" | "comparator";
  /** Of text and strings, what they say; of others, as written. */
  readonly value: string;
  /** Where it begins and ends, in UTF-16 code units from 0. */
  readonly position: number;
  readonly end: number;
  /** Whether white space stands before it. */
  readonly spaced: boolean;
  /** Whether an unescaped `*` is its first, or its last, character. */
  readonly wildcardFirst: boolean;
  readonly wildcardLast: boolean;
}

const SPACE = /\s*/y;
// The one kind of text that has colons in it: RFC 3339.
const TIMESTAMP =
  /\d{4}-\d\d-\d\d[Tt]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:[Zz]|[+-]\d\d:\d\d)?(?=[\s(),<>=!:]|$)/y;
const TEXT = /(?:[^\s.,:()<>=!"']|!(?!=))+/y;
const COMPARATOR = /[<>!]=|[<>=:]/y;
const COMPARATORS: readonly Comparator[] = ["<=", ">=", "!=", "<", ">", "=", ":"];
const ESCAPES: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t" };

/**
 * Cuts a filter into tokens, the last of which is the end.
 *
 * @throws {StatusError} INVALID_ARGUMENT FILTER_INVALID for a string without its end, or an escape that there is not
 */
export function tokensOf(filter: string): readonly Token[] {
  const tokens: Token[] = [];
  for (let at = 0; ; ) {
    const start = at + lengthAt(SPACE, filter, at);
    const token = { ...tokenAt(filter, start), spaced: start > at || at === 0 };
    tokens.push(token);
    if (token.kind === "end") return tokens;
    at = token.end;
  }
}

/** A comparator's token as what it is. */
export function comparatorOf(token: Token): Comparator | undefined {
  return token.kind === "comparator" ? COMPARATORS.find((each) => each === token.value) : undefined;
}

/** What stands there, for a message. */
export function describe(token: Token, filter: string): string {
  return token.kind === "end" ? "the end" : shown(filter.slice(token.position, token.end));
}

type Found = Omit<Token, "spaced">;

function tokenAt(filter: string, position: number): Found {
  const character = filter[position];
  if (character === undefined) return plain("end", "", position);
  if (character === '"' || character === "'") return stringAt(filter, position, character);
  if (character === "(" || character === ")" || character === "," || character === ".") {
    return plain(character, character, position);
  }
  const comparator = lengthAt(COMPARATOR, filter, position);
  if (comparator > 0) return plain("comparator", filter.slice(position, position + comparator), position);
  const length = lengthAt(TIMESTAMP, filter, position) || lengthAt(TEXT, filter, position);
  const value = filter.slice(position, position + length);
  return {
    ...plain("text", value, position),
    wildcardFirst: value.startsWith("*"),
    wildcardLast: value.endsWith("*"),
  };
}

function plain(kind: Token["kind"], value: string, position: number): Found {
  return {
    kind,
    value,
    position,
    end: position + value.length,
    wildcardFirst: false,
    wildcardLast: false,
  };
}

function stringAt(filter: string, position: number, quote: string): Found {
  let value = "";
  let wildcardLast = false;
  for (let at = position + 1; at < filter.length; at++) {
    const character = filter[at] ?? "";
    if (character === quote) {
      const wildcardFirst = filter[position + 1] === "*";
      return { kind: "string", value, position, end: at + 1, wildcardFirst, wildcardLast };
    }
    wildcardLast = character === "*";
    value += character === "\\" ? escapeAt(filter, ++at) : character;
  }
  throw filterRefusal(filter, filter.length, `${quote} to end the string`, "the end");
}

function escapeAt(filter: string, at: number): string {
  const character = filter[at] ?? "";
  const escaped = ESCAPES[character];
  if (escaped !== undefined) return escaped;
  if (character !== "" && `\\"'*`.includes(character)) return character;
  const found = character === "" ? "the end" : shown(`\\${character}`);
  throw filterRefusal(filter, at - 1, `an escape: \\\\, \\", \\', \\*, \\n, \\r or \\t`, found);
}

/** How much of the text the pattern, which must be sticky, takes from there on. */
function lengthAt(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0].length ?? 0;
}
