import type { Comparator } from "./syntax.ts";

/**
 * A filter that can be asked: its fields exist, its literals fit them. Made by `compileFilter`, judged by `matches`; a
 * store may read it to find an index.
 *
 * @see AIP-160; contract section 2.6; docs/filters.md
 */
export type Filter =
  | { readonly kind: "and" | "or"; readonly operands: readonly Filter[] }
  | { readonly kind: "not"; readonly operand: Filter }
  | Comparison
  | { readonly kind: "search"; readonly text: string }
  | OfMethods;

/** Whether an operation is of one of some methods. No caller writes it: verbs come to it. */
export interface OfMethods {
  readonly kind: "methods";
  readonly names: ReadonlySet<string>;
}

/** A field and what it is compared with. */
export interface Comparison {
  readonly kind: "comparison";
  readonly field: Field;
  readonly comparator: Comparator;
  readonly value: LiteralValue;
}

/**
 * A field of an operation, by its canonical path: service fields in lowerCamelCase, the names of reported ones as they were
 * written.
 */
export interface Field {
  readonly path: readonly string[];
  readonly type: FieldType;
}

/**
 * What a field holds. `code` is a number that has names; `state` is one of the states; `message` and `list` can be asked
 * with `:` only; `any` is known when the operation is seen.
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

/** A literal, and everything it can be read as. */
export interface LiteralValue {
  readonly text: string;
  /** With `:`, an unquoted `*`: whether there is anything. */
  readonly presence: boolean;
  /** With `=` and `!=`, a `*` at an end: what the value must begin with, end with, or have inside. */
  readonly pattern: Pattern | undefined;
  readonly boolean: boolean | undefined;
  readonly number: number | undefined;
  /** Milliseconds since the Unix epoch, with a fraction where the literal has one. */
  readonly time: number | undefined;
  readonly durationMs: number | undefined;
}

/** Text with a wildcard at one of its ends, or at both. */
export interface Pattern {
  readonly text: string;
  readonly openFirst: boolean;
  readonly openLast: boolean;
}
