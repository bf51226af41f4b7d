import { filterRefusal, shown } from "./refusal.ts";
import type { Comparator } from "./syntax.ts";

/** A piece of a filter's text. */
export interface Token {
  readonly kind: "text" | "string" | "(" | ")" | "," | "." | "end" | "comparator";
  /** The value of text and strings; the source of other tokens. */
  readonly value: string;
  /** Its start and end, in UTF-16 code units from 0. */
  readonly position: number;
  readonly end: number;
  /** Whether white space precedes it. */
  readonly spaced: boolean;
  /** Whether its first, or last, character is an unescaped `*`. */
  readonly wildcardFirst: boolean;
  readonly wildcardLast: boolean;
}

const SPACE = /\s*/y;
// RFC 3339 timestamps, the only text that contains colons.
const TIMESTAMP =
  /\d{4}-\d\d-\d\d[Tt]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:[Zz]|[+-]\d\d:\d\d)?(?=[\s(),<>=!:]|$)/y;
const TEXT = /(?:[^\s.,:()<>=!"']|!(?!=))+/y;
const COMPARATOR = /[<>!]=|[<>=:]/y;
const COMPARATORS: readonly Comparator[] = ["<=", ">=", "!=", "<", ">", "=", ":"];
const ESCAPES: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t" };

/**
 * Splits a filter into tokens; the last token is the end.
 *
 * @throws {StatusError} INVALID_ARGUMENT FILTER_INVALID for an unterminated string or an unknown
 * escape
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

/** The comparator of a token. */
export function comparatorOf(token: Token): Comparator | undefined {
  return token.kind === "comparator" ? COMPARATORS.find((each) => each === token.value) : undefined;
}

/** A token's source, for a message. */
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

/** The length of the match of a sticky pattern at a position. */
function lengthAt(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0].length ?? 0;
}
