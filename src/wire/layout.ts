import { indentedAt, lineStart } from "./indent.ts";

/**
 * How a JSON text that is joined from parts is laid out: compact, or indented as `indentJson` does.
 * An answer that is indented while it is made takes less than half of the time of one that is
 * indented afterwards.
 */
export interface JsonLayout {
  /** Between the name of a member and its value. */
  readonly colon: string;
  /** Before a member of an object at a depth, and before its closing bracket one less deep. */
  readonly line: (depth: number) => string;
  /** A JSON text as a value in an object at a depth. */
  readonly value: (json: string, depth: number) => string;
}

export const COMPACT: JsonLayout = { colon: ":", line: () => "", value: (json) => json };

/** For callers' eyes. @see contract section 3.2, `prettyPrint` */
export const INDENTED: JsonLayout = { colon: ": ", line: lineStart, value: indentedAt };

/**
 * The members of a JSON object as members of another at a depth, without the space behind the last
 * one; empty if it has none.
 */
export function membersAt(json: string, depth: number, { value, line }: JsonLayout): string {
  const text = value(json, depth - 1);
  return text === "{}" ? "" : text.slice(1, -1 - line(depth - 1).length);
}
