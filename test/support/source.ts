/** Reads TypeScript well enough for the tidy rules: distinguishes code, text and comments. */

/** A file of the repository. */
export interface SourceFile {
  /** From the root of the repository, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

/**
 * A run of characters of one kind. A template is split at its `${…}`; the contents of these are
 * code.
 */
export interface Piece {
  readonly kind: "code" | "comment" | "string" | "regex";
  /** Without quotes for a string. */
  readonly text: string;
}

/** Characters before a `/` that opens a regular expression and does not divide. */
const BEFORE_REGEX = /(?:[=(,:;!&|?{}[+\-*%<>~^]|\b(?:return|typeof|case|in|of|await|yield))\s*$/;

/** The places where code may end: comments, strings, and characters that need a closer look. */
const NOT_CODE = /\/\/[^\n]*|\/\*[\s\S]*?\*\/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|[`/{}]/gy;
const TEMPLATE_TEXT = /(?:\\[\s\S]|\$(?!\{)|[^`\\$])*/y;
const REGEX_TEXT = /\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[a-z]*/y;

/** Cuts a source text into pieces, in order. */
export function piecesOf(text: string): readonly Piece[] {
  return new Cutter(text).cut();
}

class Cutter {
  readonly #text: string;
  readonly #pieces: Piece[] = [];
  /** For each open template: the number of braces that are open inside its `${…}`. */
  readonly #templates: number[] = [];
  #code = "";
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  cut(): readonly Piece[] {
    while (this.#at < this.#text.length) {
      const found = this.#match(NOT_CODE);
      if (found === undefined) this.#take(this.#text.charAt(this.#at));
      else this.#cutSpecial(found);
    }
    this.#endCode();
    return this.#pieces;
  }

  #cutSpecial(found: string): void {
    if (found === "{" || found === "}") this.#cutBrace(found);
    else if (found === "`") this.#cutTemplate();
    else if (found === "/") this.#cutSlash();
    else if (found.startsWith("/")) this.#push("comment", found, found.length);
    else this.#push("string", found.slice(1, -1), found.length);
  }

  /** Continues after the character that opened the template or closed its `${…}`. */
  #cutTemplate(): void {
    this.#at += 1;
    const part = this.#match(TEMPLATE_TEXT) ?? "";
    const opens = this.#text.startsWith("${", this.#at + part.length);
    if (opens) this.#templates.push(0);
    this.#push("string", part, part.length + (opens ? 2 : 1));
  }

  #cutBrace(brace: string): void {
    const open = this.#templates.pop();
    if (brace === "}" && open === 0) return this.#cutTemplate();
    if (open !== undefined) this.#templates.push(open + (brace === "{" ? 1 : -1));
    this.#take(brace);
  }

  #cutSlash(): void {
    const regex = this.#divides() ? undefined : this.#match(REGEX_TEXT);
    if (regex === undefined) this.#take("/");
    else this.#push("regex", regex, regex.length);
  }

  /** Whether a value ended before this place, so that a `/` divides. */
  #divides(): boolean {
    if (this.#code.trim() !== "") return !BEFORE_REGEX.test(this.#code);
    const before = this.#pieces.findLast((piece) => piece.kind !== "comment" && piece.text.trim() !== "");
    if (before === undefined) return false;
    return before.kind !== "code" || !BEFORE_REGEX.test(before.text);
  }

  #take(code: string): void {
    this.#code += code;
    this.#at += code.length;
  }

  #endCode(): void {
    if (this.#code !== "") this.#pieces.push({ kind: "code", text: this.#code });
    this.#code = "";
  }

  #push(kind: Piece["kind"], text: string, length: number): void {
    this.#endCode();
    this.#pieces.push({ kind, text });
    this.#at += length;
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    return pattern.exec(this.#text)?.[0];
  }
}

/** Only the code: without comments, strings as `""`, regular expressions as `/ /`. */
export function codeOf(text: string): string {
  const blank = { comment: " ", string: '""', regex: "/ /" };
  return piecesOf(text)
    .map((piece) => (piece.kind === "code" ? piece.text : blank[piece.kind]))
    .join("");
}

/** The strings and the texts of templates. */
export function stringsOf(text: string): string[] {
  return piecesOf(text).flatMap((piece) => (piece.kind === "string" ? [piece.text] : []));
}

/** The modules that a source imports or exports from, including types and `import()`. */
export function importsOf(text: string): string[] {
  return specifiersAfter(/\b(?:from|import)\s*\(?\s*$/, text);
}

/** The modules that a source without types loads before it runs: without `import()`. */
export function staticImportsOf(text: string): string[] {
  return specifiersAfter(/\b(?:from|import)\s*$/, text);
}

function specifiersAfter(keyword: RegExp, text: string): string[] {
  const specifiers: string[] = [];
  let code = "";
  for (const piece of piecesOf(text)) {
    if (piece.kind === "code") code += piece.text;
    else if (piece.kind !== "comment") {
      if (piece.kind === "string" && keyword.test(code)) specifiers.push(piece.text);
      code = "";
    }
  }
  return specifiers;
}
