/**
 * Characters that could end a script or a line in a page or file with the text, and controls that
 * JSON itself does not escape.
 */
const ESCAPED = /[<>\u007f-\u009f\u2028\u2029]/;
const ESCAPED_ALL = new RegExp(ESCAPED, "g");

/**
 * Writes `<`, `>`, line separators and the upper controls as `\u003c` and so on. These characters
 * occur only in strings.
 */
export function escapeJson(text: string): string {
  if (!ESCAPED.test(text)) return text;
  return text.replace(
    ESCAPED_ALL,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
