import { RE2JS } from "re2js";

/**
 * A pattern of a JSON Schema, matched in the time that the text asks for. JavaScript's own engine can take years over forty
 * characters, and callers choose the texts.
 *
 * @throws {Error} for what is no pattern, or is one that needs to look back and forth, such as `(?=…)` and `\1`
 * @see https://github.com/google/re2/wiki/Syntax
 */
export function linearPattern(source: string): { test(text: string): boolean } {
  const compiled = RE2JS.compile(RE2JS.translateRegExp(source));
  return { test: (text) => compiled.test(text) };
}
