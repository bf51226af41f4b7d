/** A piece of a line, and its kind, which decides its colour. */
export interface JsonPiece {
  readonly text: string;
  readonly kind: "key" | "string" | "other" | "mark";
}

export type JsonLine = readonly JsonPiece[];

const PIECE = /"[^"\\]*(?:\\.[^"\\]*)*"?|[{}[\],:]|[^\s"{}[\],:]+/gs;

/**
 * JSON as lines of coloured pieces, indented by two spaces per level. One scan makes the lines,
 * without parsing: numbers and escapes stay as they are, so the page shows exactly the stored text.
 * Text that is not JSON is shown as plain text. Lines are made on demand: only the beginning of a
 * large text is scanned.
 */
export function* jsonLines(text: string): Generator<JsonLine, void> {
  const pieces = text.matchAll(PIECE);
  let line: JsonPiece[] = [];
  let depth = 0;
  let next = pieces.next();
  while (next.done !== true) {
    const piece = next.value[0];
    next = pieces.next();
    const after = next.done === true ? "" : next.value[0];
    if (piece === "{" || piece === "[") {
      if (after === (piece === "{" ? "}" : "]")) {
        line.push({ text: piece + after, kind: "mark" });
        next = pieces.next();
        continue;
      }
      line.push({ text: piece, kind: "mark" });
      yield line;
      line = indentedBy(++depth);
    } else if (piece === "}" || piece === "]") {
      yield line;
      depth = Math.max(0, depth - 1);
      line = indentedBy(depth);
      line.push({ text: piece, kind: "mark" });
    } else if (piece === ",") {
      line.push({ text: piece, kind: "mark" });
      yield line;
      line = indentedBy(depth);
    } else if (piece === ":") line.push({ text: ": ", kind: "mark" });
    else line.push({ text: piece, kind: kindOf(piece, after) });
  }
  yield line;
}

function indentedBy(depth: number): JsonPiece[] {
  return depth === 0 ? [] : [{ text: "  ".repeat(depth), kind: "mark" }];
}

function kindOf(piece: string, after: string): JsonPiece["kind"] {
  if (!piece.startsWith('"')) return "other";
  return after === ":" ? "key" : "string";
}

/** The text of a line. */
export function lineText(line: JsonLine): string {
  return line.map((piece) => piece.text).join("");
}

/** All lines as one text. */
export function indented(text: string): string {
  return Array.from(jsonLines(text), lineText).join("\n");
}
