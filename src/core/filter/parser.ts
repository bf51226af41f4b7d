import { LIMITS } from "../limits.ts";
import { comparatorOf, describe, type Token, tokensOf } from "./lexer.ts";
import { filterRefusal } from "./refusal.ts";
import type { Comparator, Expression, Literal, Path } from "./syntax.ts";

/**
 * Parses a filter by the grammar of AIP-160, with one method for each rule. `OR` binds tighter than
 * `AND`, and adjacent terms are joined by `AND`.
 *
 * It looks one token ahead, never backtracks, and recurses once per parenthesis, at most
 * `LIMITS.filterDepthMax` deep. So its cost is linear in the text's length.
 *
 * @returns undefined for an empty filter
 * @throws {StatusError} INVALID_ARGUMENT FILTER_INVALID
 * @see https://google.aip.dev/assets/misc/ebnf-filtering.txt; contract section 2.6
 */
export function parseFilter(filter: string): Expression | undefined {
  const length = Array.from(filter).length;
  if (length > LIMITS.filterLengthMax) {
    const expected = `${LIMITS.filterLengthMax} characters at most`;
    throw filterRefusal(filter, filter.length, expected, `${length} characters`);
  }
  return new Parser(filter).parse();
}

const RESTRICTION = 'a restriction such as done = true, a word, or "("';

class Parser {
  readonly #filter: string;
  readonly #tokens: readonly Token[];
  #next = 0;
  #depth = 0;
  #terms = 0;

  constructor(filter: string) {
    this.#filter = filter;
    this.#tokens = tokensOf(filter);
  }

  parse(): Expression | undefined {
    if (this.#isEnd()) return undefined;
    const expression = this.#expression((literal) => this.#restriction(literal));
    if (!this.#isEnd()) throw this.#refuse("AND, OR, or another restriction after a space");
    return expression;
  }

  get #token(): Token {
    return this.#tokens[this.#next] as Token;
  }

  #isEnd(): boolean {
    return this.#token.kind === "end";
  }

  #take(): Token {
    const token = this.#token;
    if (!this.#isEnd()) this.#next++;
    return token;
  }

  /** `sequence { AND sequence }`. */
  #expression(leaf: Leaf): Expression {
    const operands = [this.#sequence(leaf)];
    while (this.#isWord("AND")) {
      this.#take();
      operands.push(this.#sequence(leaf));
    }
    return joined("and", operands);
  }

  /** `factor { factor }`. */
  #sequence(leaf: Leaf): Expression {
    const operands = [this.#factor(leaf)];
    while (this.#continues()) operands.push(this.#factor(leaf));
    return joined("and", operands);
  }

  /** `term { OR term }`. */
  #factor(leaf: Leaf): Expression {
    const operands = [this.#term(leaf)];
    while (this.#isWord("OR")) {
      this.#take();
      operands.push(this.#term(leaf));
    }
    return joined("or", operands);
  }

  /** `[NOT | -] simple`. */
  #term(leaf: Leaf): Expression {
    if (this.#isWord("NOT")) {
      this.#take();
      return { kind: "not", operand: this.#simple(leaf, false) };
    }
    const { kind, value, end } = this.#token;
    if (kind !== "text" || !value.startsWith("-")) return this.#simple(leaf, false);
    if (value !== "-") return { kind: "not", operand: this.#simple(leaf, true) };
    this.#take();
    if (this.#token.position !== end) throw this.#refuse('a restriction right after "-"');
    return { kind: "not", operand: this.#simple(leaf, false) };
  }

  /**
   * A leaf, or an expression in parentheses. `minus` belongs to the text of the first token, and is
   * not part of the leaf.
   */
  #simple(leaf: Leaf, minus: boolean): Expression {
    if (this.#token.kind === "(") return this.#composite(leaf);
    if (++this.#terms > LIMITS.filterTermsMax) {
      throw this.#refuse(`${LIMITS.filterTermsMax} restrictions at most`, "another one");
    }
    return leaf(minus);
  }

  #composite(leaf: Leaf): Expression {
    if (++this.#depth > LIMITS.filterDepthMax) {
      throw this.#refuse(`parentheses nested ${LIMITS.filterDepthMax} deep at most`, "another one");
    }
    this.#take();
    const expression = this.#expression(leaf);
    if (this.#token.kind !== ")") throw this.#refuse('AND, OR, another restriction, or ")"');
    this.#take();
    this.#depth--;
    return expression;
  }

  /** `comparable [comparator arg]`. */
  #restriction(minus: boolean): Expression {
    const chain = this.#chain(RESTRICTION, minus);
    const comparator = comparatorOf(this.#token);
    if (comparator === undefined) return { kind: "search", path: chain.path, literal: chain.literal };
    this.#take();
    return this.#argument(chain.path, comparator);
  }

  /** A literal, or several in parentheses that are each compared with the field. */
  #argument(path: Path, comparator: Comparator): Expression {
    const restriction = (minus: boolean): Expression => {
      const { literal } = this.#chain(`a value after ${comparator}`, minus);
      return { kind: "restriction", path, comparator, literal };
    };
    if (this.#token.kind !== "(") return restriction(false);
    if (comparator !== "=" && comparator !== ":") {
      throw this.#refuse(`a value after ${comparator}; several in parentheses go with = and : only`);
    }
    return this.#composite(restriction);
  }

  /** `value { . field }`: the path of a field on the left, a literal on the right. */
  #chain(expected: string, minus: boolean): { readonly path: Path; readonly literal: Literal } {
    const first = this.#token;
    const isWord = ["AND", "OR", "NOT"].some((word) => this.#isWord(word));
    if (isWord || (first.kind !== "text" && first.kind !== "string")) throw this.#refuse(expected);
    this.#take();
    const position = minus ? first.position + 1 : first.position;
    const segments = [minus ? first.value.slice(1) : first.value];
    let last = first;
    while (this.#token.kind === "." && this.#token.position === last.end) {
      const dot = this.#take();
      last = this.#token;
      if ((last.kind !== "text" && last.kind !== "string") || last.position !== dot.end) {
        throw this.#refuse('a field right after "."');
      }
      this.#take();
      segments.push(last.value);
    }
    if (this.#token.kind === "(" && !this.#token.spaced && last.kind === "text") {
      throw this.#refuse("no function, since this service has none", "a call of one", first);
    }
    const quoted = first.kind === "string";
    const literal = {
      text: segments.join("."),
      quoted: quoted && segments.length === 1,
      wildcardFirst: minus ? (segments[0] ?? "").startsWith("*") : first.wildcardFirst,
      wildcardLast: last.wildcardLast,
      position,
    };
    return { path: { segments, quoted, position }, literal };
  }

  /** Whether another factor follows without an operator: after white space, or at a parenthesis. */
  #continues(): boolean {
    const { kind, spaced } = this.#token;
    if (this.#isWord("AND") || this.#isWord("OR")) return false;
    if (kind === "(") return true;
    return (kind === "text" || kind === "string") && (spaced || this.#tokens[this.#next - 1]?.kind === ")");
  }

  /** Whether the word is an operator here: white space, a parenthesis or the end follows it. */
  #isWord(word: string): boolean {
    const { kind, value } = this.#token;
    const after = this.#tokens[this.#next + 1];
    return (
      kind === "text" && value === word && (after?.spaced !== false || after.kind === "(" || isLast(after))
    );
  }

  #refuse(expected: string, found?: string, token: Token = this.#token): Error {
    return filterRefusal(this.#filter, token.position, expected, found ?? describe(token, this.#filter));
  }
}

/**
 * Reads a leaf: a restriction, or a value of a restriction. `minus`: whether its first character is
 * a `-`.
 */
type Leaf = (minus: boolean) => Expression;

function isLast(token: Token): boolean {
  return token.kind === "end" || token.kind === ")";
}

function joined(kind: "and" | "or", operands: readonly Expression[]): Expression {
  return operands.length === 1 && operands[0] !== undefined ? operands[0] : { kind, operands };
}
