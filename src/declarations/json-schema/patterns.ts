import { RE2JS } from "re2js";

/**
 * A pattern of a JSON Schema, matched in linear time. JavaScript's own engine can take years for
 * forty characters, and callers choose the texts.
 *
 * @throws {Error} for an invalid pattern, or one with lookaround or backreferences, such as `(?=…)`
 * and `\1`
 * @see https://github.com/google/re2/wiki/Syntax
 */
export function linearPattern(source: string): { test(text: string): boolean } {
  const compiled = RE2JS.compile(RE2JS.translateRegExp(source));
  return { test: (text) => compiled.test(text) };
}
