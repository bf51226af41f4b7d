import { encodeJson } from "../core/operation/payload.ts";
import { escapeJson } from "../core/value/escape-json.ts";
import { indentJson } from "../wire/indent.ts";

/** The text of a document, as compact and as indented JSON. */
export interface DocumentText {
  readonly compact: string;
  readonly indented: string;
}

/** The number of values that take a fraction of a millisecond. */
const VALUES_PER_STEP = 200;

/**
 * Writes a large document as JSON, step by step. A document of hundreds of methods has megabytes,
 * and the caller can yield the event loop between steps.
 *
 * @param valuesPerStep an object with at most this many values, including nested ones, is written
 * in one step
 */
export function* documentText(
  document: object,
  valuesPerStep: number = VALUES_PER_STEP,
): Generator<undefined, DocumentText> {
  const compact: string[] = [];
  const indented: string[] = [];
  const add: Add = (json, spaced = json) => {
    compact.push(json);
    indented.push(spaced);
  };
  yield* write(document, 0, { add, valuesPerStep });
  yield;
  const whole = compact.join("");
  yield;
  return { compact: whole, indented: `${indented.join("")}\n` };
}

/** Adds a piece of text and its indented form. */
type Add = (json: string, spaced?: string) => void;

function* write(
  value: unknown,
  level: number,
  how: { readonly add: Add; readonly valuesPerStep: number },
): Generator<undefined, void> {
  const { add, valuesPerStep } = how;
  const members = countValues(value, valuesPerStep) > valuesPerStep ? membersOf(value) : [];
  if (members.length === 0) {
    const json = escapeJson(encodeJson(value));
    // Strings contain no line breaks, so all line breaks belong to the indentation.
    add(json, indentJson(json).trimEnd().replaceAll("\n", lineStart(level)));
    yield;
    return;
  }
  add("{");
  for (const [index, [name, member]] of members.entries()) {
    const comma = index === 0 ? "" : ",";
    const key = escapeJson(encodeJson(name));
    add(`${comma}${key}:`, `${comma}${lineStart(level + 1)}${key}: `);
    yield* write(member, level + 1, how);
  }
  add("}", `${lineStart(level)}}`);
}

/** The members of an object that JSON includes; none for other values. */
function membersOf(value: unknown): readonly (readonly [string, unknown])[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [];
  return Object.entries(value).filter(([, member]) => member !== undefined);
}

/** The number of values in a value, including itself. Stops counting above `most`. */
function countValues(value: unknown, most: number): number {
  let count = 1;
  if (typeof value !== "object" || value === null) return count;
  for (const member of Object.values(value)) {
    if (count > most) break;
    count += countValues(member, most - count);
  }
  return count;
}

function lineStart(level: number): string {
  return `\n${"  ".repeat(level)}`;
}
