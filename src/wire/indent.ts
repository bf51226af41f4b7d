/**
 * Indentation of JSON answers. Other code creates compact text; like Google's front ends, the
 * server answers with indented text by default. Both forms escape some characters
 * (`core/value/escape-json.ts`).
 *
 * @see contract section 3.2
 */

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

const LINE_STARTS: string[] = ["\n"];

/** The text between a bracket or a comma and a member at a depth. */
export function lineStart(depth: number): string {
  return (LINE_STARTS[depth] ??= `\n${"  ".repeat(depth)}`);
}

/**
 * Indents JSON text by two spaces per level and ends it with a newline, in one scan without
 * parsing: numbers and escapes stay unchanged. The text must be JSON, with or without white space.
 */
export function indentJson(text: string): string {
  return `${indentedAt(text, 0)}\n`;
}

/** The same as a part of other JSON, at a depth, without the newline at the end. */
export function indentedAt(text: string, at: number): string {
  let out = "";
  let depth = at;
  /** The start of the text that is scanned but not yet copied. */
  let pending = 0;
  let index = 0;
  while (index < text.length) {
    const character = text.charCodeAt(index);
    if (character === QUOTE) {
      index = stringEnd(text, index);
    } else if (character === 0x7b || character === 0x5b) {
      const next = skipSpace(text, index + 1);
      const closes = text.charCodeAt(next) === character + 2;
      out += text.slice(pending, index + 1) + (closes ? text.charAt(next) : lineStart(++depth));
      index = pending = closes ? next + 1 : next;
    } else if (character === 0x7d || character === 0x5d) {
      out += text.slice(pending, index) + lineStart(--depth) + text.charAt(index);
      pending = ++index;
    } else if (character === 0x2c) {
      out += `${text.slice(pending, index)},${lineStart(depth)}`;
      pending = ++index;
    } else if (character === 0x3a) {
      out += `${text.slice(pending, index)}: `;
      pending = ++index;
    } else if (character <= 0x20) {
      out += text.slice(pending, index);
      index = pending = skipSpace(text, index);
    } else {
      index++;
    }
  }
  return out + text.slice(pending);
}

/** The index after the string that begins at `start`. */
function stringEnd(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  for (;;) {
    if (end === -1) return text.length;
    let backslashes = 0;
    while (text.charCodeAt(end - 1 - backslashes) === BACKSLASH) backslashes++;
    if (backslashes % 2 === 0) return end + 1;
    end = text.indexOf('"', end + 1);
  }
}

function skipSpace(text: string, start: number): number {
  let index = start;
  while (text.charCodeAt(index) <= 0x20) index++;
  return index;
}
