/**
 * JSON as lines of coloured pieces, in one scan and without parsing it: numbers and escapes stay as they are, so that what
 * is shown is what is kept. Text that is not JSON comes out as text.
 */
export interface JsonPiece {
  readonly text: string;
  readonly kind: "key" | "string" | "other" | "mark";
}

export type JsonLine = readonly JsonPiece[];

const PIECE = /"[^"\\]*(?:\\.[^"\\]*)*"?|[{}[\],:]|[^\s"{}[\],:]+/gs;

class Writer {
  readonly lines: JsonPiece[][] = [[]];
  depth = 0;

  put(text: string, kind: JsonPiece["kind"]): void {
    const line = this.lines.at(-1) as JsonPiece[];
    const last = line.at(-1);
    if (last?.kind === "mark" && kind === "mark") line[line.length - 1] = { text: last.text + text, kind };
    else line.push({ text, kind });
  }

  open(text: string): void {
    this.put(text, "mark");
    this.depth++;
    this.newLine();
  }

  close(text: string): void {
    this.depth = Math.max(0, this.depth - 1);
    this.newLine();
    this.put(text, "mark");
  }

  newLine(): void {
    this.lines.push(this.depth === 0 ? [] : [{ text: "  ".repeat(this.depth), kind: "mark" }]);
  }
}

/** Indents by two spaces a level. */
export function jsonLines(text: string): JsonLine[] {
  const pieces = text.match(PIECE) ?? [];
  const writer = new Writer();
  for (let index = 0; index < pieces.length; index++) {
    const piece = pieces[index] ?? "";
    const next = pieces[index + 1] ?? "";
    if ((piece === "{" && next === "}") || (piece === "[" && next === "]")) {
      writer.put(piece + next, "mark");
      index++;
    } else if (piece === "{" || piece === "[") writer.open(piece);
    else if (piece === "}" || piece === "]") writer.close(piece);
    else if (piece === ",") {
      writer.put(piece, "mark");
      writer.newLine();
    } else if (piece === ":") writer.put(": ", "mark");
    else writer.put(piece, piece.startsWith('"') ? (next === ":" ? "key" : "string") : "other");
  }
  return writer.lines;
}

/** The same as one text. */
export function indented(text: string): string {
  return jsonLines(text)
    .map((line) => line.map((piece) => piece.text).join(""))
    .join("\n");
}
