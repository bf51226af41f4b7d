import { LIMITS } from "../core/limits.ts";

/** The requests that become operations even if they do not ask for it. */
export interface AsyncRules {
  /** @param path without the query, unchanged */
  match(method: string, path: string): boolean;
}

interface Rule {
  readonly method: string;
  readonly segments: readonly string[];
}

const FORM = /^(?:(?<method>[A-Za-z]+|\*) )?(?<path>\/[^\s?#]*)$/;

/** Whether a text is a pattern, such as `POST /reports/**`. */
function isAsyncRule(text: string): boolean {
  return text.length <= LIMITS.proxyRuleLengthMax && FORM.test(text);
}

/**
 * Parses patterns such as `POST /reports/**`: a method (none or `*` for all), and a path in which
 * `*` matches a part of one segment and `**` any number of segments.
 *
 * @throws {TypeError} for an invalid pattern, and for more than `LIMITS.proxyRulesMax`
 */
export function asyncRules(patterns: readonly string[]): AsyncRules {
  if (patterns.length > LIMITS.proxyRulesMax)
    throw new TypeError(`async: expected ${LIMITS.proxyRulesMax} patterns at most, got ${patterns.length}`);
  const rules = patterns.map(ruleOf);
  return {
    match: (method, path) => rules.some((rule) => isOf(rule, method) && matchesPath(rule.segments, path)),
  };
}

function isOf(rule: Rule, method: string): boolean {
  return rule.method === "*" || rule.method === method;
}

function ruleOf(text: string): Rule {
  const { method = "*", path } = FORM.exec(text)?.groups ?? {};
  if (path === undefined || !isAsyncRule(text))
    throw new TypeError(`async: expected patterns such as "POST /reports/**", got ${JSON.stringify(text)}`);
  return { method: method.toUpperCase(), segments: path.split("/") };
}

function matchesPath(segments: readonly string[], path: string): boolean {
  return glob(segments, path.split("/"), {
    isStar: (pattern) => pattern === "**",
    matches: (pattern, segment) =>
      pattern === segment ||
      (pattern.includes("*") &&
        glob([...pattern], [...segment], { isStar: (each) => each === "*", matches: (a, b) => a === b })),
  });
}

/**
 * Whether a pattern matches, where a star stands for any number of parts. It backtracks only to the
 * last star, so no path takes long.
 */
function glob(
  pattern: readonly string[],
  parts: readonly string[],
  how: {
    readonly isStar: (pattern: string) => boolean;
    readonly matches: (pattern: string, part: string) => boolean;
  },
): boolean {
  let at = 0;
  let star = -1;
  let from = 0;
  for (let index = 0; index < parts.length; ) {
    const wanted = pattern[at];
    if (wanted !== undefined && how.isStar(wanted)) {
      star = at++;
      from = index;
    } else if (wanted !== undefined && how.matches(wanted, parts[index] ?? "")) {
      at++;
      index++;
    } else if (star >= 0) {
      at = star + 1;
      index = ++from;
    } else return false;
  }
  return pattern.slice(at).every(how.isStar);
}
