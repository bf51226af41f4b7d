/**
 * The syntax tree of a filter, before its fields are checked: `parser.ts` creates it from a text,
 * and `check.ts` converts it to a {@link Filter}.
 *
 * @see AIP-160; contract section 2.6
 */
export type Expression =
  | { readonly kind: "and" | "or"; readonly operands: readonly Expression[] }
  | { readonly kind: "not"; readonly operand: Expression }
  | Restriction
  | Search;

/** `field comparator literal`. */
export interface Restriction {
  readonly kind: "restriction";
  readonly path: Path;
  readonly comparator: Comparator;
  readonly literal: Literal;
}

/** A literal without a field, which may match anywhere. */
export interface Search {
  readonly kind: "search";
  readonly path: Path;
  readonly literal: Literal;
}

/** A field as written, such as `metadata.createTime`. */
export interface Path {
  readonly segments: readonly string[];
  /** Whether the first segment was quoted. */
  readonly quoted: boolean;
  /** The position of its start, in UTF-16 code units from 0. */
  readonly position: number;
}

/** The comparators. `:` means "has". */
export type Comparator = "<=" | ">=" | "!=" | "<" | ">" | "=" | ":";

/** The right side of a restriction. */
export interface Literal {
  /** Without quotes, with escapes resolved. */
  readonly text: string;
  readonly quoted: boolean;
  /** Whether its first, or last, character is an unescaped `*`. */
  readonly wildcardFirst: boolean;
  readonly wildcardLast: boolean;
  /** The position of its start, in UTF-16 code units from 0. */
  readonly position: number;
}
