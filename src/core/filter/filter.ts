import type { Comparator } from "./syntax.ts";

/**
 * A checked filter: its fields exist, and its literals fit them. `compileFilter` creates it,
 * `matches` evaluates it; a store may read it to find an index.
 *
 * @see AIP-160; contract section 2.6; docs/filters.md
 */
export type Filter =
  | { readonly kind: "and" | "or"; readonly operands: readonly Filter[] }
  | { readonly kind: "not"; readonly operand: Filter }
  | Comparison
  | { readonly kind: "search"; readonly text: string }
  | OfMethods;

/**
 * Whether an operation belongs to one of several methods. Callers cannot write this; a verb is
 * converted to it.
 */
export interface OfMethods {
  readonly kind: "methods";
  readonly names: ReadonlySet<string>;
}

/** A field, a comparator and a literal. */
export interface Comparison {
  readonly kind: "comparison";
  readonly field: Field;
  readonly comparator: Comparator;
  readonly value: LiteralValue;
}

/**
 * A field of an operation, by its canonical path: service fields in lowerCamelCase, reported fields
 * as written.
 */
export interface Field {
  readonly path: readonly string[];
  readonly type: FieldType;
}

/**
 * The type of a field. `code` is a number with names; `state` is one of the states; `message` and
 * `list` allow only `:`; `any` is only known from the operation.
 */
export type FieldType =
  | "text"
  | "boolean"
  | "number"
  | "time"
  | "state"
  | "code"
  | "message"
  | "list"
  | "any";

/** A literal with all its readings. */
export interface LiteralValue {
  readonly text: string;
  /** An unquoted `*` with `:`: whether there is a value. */
  readonly presence: boolean;
  /**
   * A `*` at an end with `=` or `!=`: the text that the value must begin with, end with or contain.
   */
  readonly pattern: Pattern | undefined;
  readonly boolean: boolean | undefined;
  readonly number: number | undefined;
  /** Milliseconds since the Unix epoch, with a fraction if the literal has one. */
  readonly time: number | undefined;
  readonly durationMs: number | undefined;
}

/** Text with a wildcard at one end or both. */
export interface Pattern {
  readonly text: string;
  readonly openFirst: boolean;
  readonly openLast: boolean;
}
