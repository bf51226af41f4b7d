/** A filter in pieces, for colours only: what it means is the server's to say. */
export interface Piece {
  readonly text: string;
  readonly kind: "field" | "value" | "word" | "mark";
}

const PIECE = /\s+|"(?:\\.|[^"\\])*"?|'(?:\\.|[^'\\])*'?|[<>!]=|[<>=:]|[(),]|[^\s"'<>=!:(),]+|./gsu;
const COMPARATOR = /^(?:[<>!]?=|[<>:])$/;
const WORDS = new Set(["AND", "OR", "NOT"]);

/** Cuts a filter into its pieces; together they are the whole text. */
export function piecesOf(text: string): Piece[] {
  const parts = text.match(PIECE) ?? [];
  return parts.map((part, index) => ({ text: part, kind: kindOf(parts, index) }));
}

function kindOf(parts: readonly string[], index: number): Piece["kind"] {
  const part = parts[index] ?? "";
  if (WORDS.has(part) || /^\s|^[(),]$/.test(part)) return "word";
  if (COMPARATOR.test(part)) return "mark";
  const next = parts.slice(index + 1).find((each) => !/^\s/.test(each));
  return next !== undefined && COMPARATOR.test(next) && !/^["']/.test(part) ? "field" : "value";
}

/** At which character of the text the server saw the error, from 0 on; undefined where it does not say. */
export function errorIndex(message: string, text: string): number | undefined {
  const found = /at character (\d+)/.exec(message)?.[1];
  if (found === undefined) return undefined;
  // Characters are counted as people count them, from 1 on.
  const before = Array.from(text).slice(0, Number(found) - 1);
  return Math.min(before.join("").length, text.length);
}
