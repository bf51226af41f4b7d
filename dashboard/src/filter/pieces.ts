/** Splits a filter into pieces, for colours only. Only the server decides what a filter means. */
export interface Piece {
  readonly text: string;
  readonly kind: "field" | "value" | "word" | "mark";
}

const PIECE = /\s+|"(?:\\.|[^"\\])*"?|'(?:\\.|[^'\\])*'?|[<>!]=|[<>=:]|[(),]|[^\s"'<>=!:(),]+|./gsu;
const COMPARATOR = /^(?:[<>!]?=|[<>:])$/;
const WORDS = new Set(["AND", "OR", "NOT"]);

/** Cuts a filter into its pieces. Joined together, the pieces are the whole text. */
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

/**
 * The index of the character where the server found the error, from 0; undefined if the server does
 * not say.
 */
export function errorIndex(message: string, text: string): number | undefined {
  const found = /at character (\d+)/.exec(message)?.[1];
  if (found === undefined) return undefined;
  // The server counts characters from 1.
  const before = Array.from(text).slice(0, Number(found) - 1);
  return Math.min(before.join("").length, text.length);
}
