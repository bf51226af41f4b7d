/**
 * What a filter says, before anybody has asked whether its fields exist: the tree that `parser.ts` makes of a text and
 * `check.ts` makes a {@link Filter} of.
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

/** A literal on its own: what matches anywhere. */
export interface Search {
  readonly kind: "search";
  readonly path: Path;
  readonly literal: Literal;
}

/** A field as it was written, such as `metadata.createTime`. */
export interface Path {
  readonly segments: readonly string[];
  /** Whether the first segment stood in quotes. */
  readonly quoted: boolean;
  /** Where it begins, in UTF-16 code units from 0. */
  readonly position: number;
}

/** How a field is compared. `:` is "has". */
export type Comparator = "<=" | ">=" | "!=" | "<" | ">" | "=" | ":";

/** The right side of a restriction. */
export interface Literal {
  /** Without quotes, escapes resolved. */
  readonly text: string;
  readonly quoted: boolean;
  /** Whether an unescaped `*` is its first, or its last, character. */
  readonly wildcardFirst: boolean;
  readonly wildcardLast: boolean;
  /** Where it begins, in UTF-16 code units from 0. */
  readonly position: number;
}
