import { CODES } from "../error/code.ts";
import { LIMITS } from "../limits.ts";
import { STATES } from "../operation/operation.ts";
import { findField, TOP_FIELDS } from "./fields.ts";
import type { Field, FieldType, Filter, LiteralValue } from "./filter.ts";
import { readBoolean, readLiteral, readNumber } from "./literal.ts";
import { parseFilter } from "./parser.ts";
import { filterRefusal, shown } from "./refusal.ts";
import type { Comparator, Expression, Restriction, Search } from "./syntax.ts";

/**
 * Parses and checks a filter: its fields must exist, its comparators and literals must fit their
 * types. Nothing is ignored silently (contract section 2.6).
 *
 * @returns undefined for an empty filter
 * @throws {StatusError} INVALID_ARGUMENT FILTER_INVALID with the position, the expected and the
 * found text
 */
export function compileFilter(text: string): Filter | undefined {
  // A lone surrogate cannot be stored, so it matches nothing; SQLite would read it as another
  // character.
  const filter = text.toWellFormed();
  if (isJsonObject(filter)) return compileJson(filter);
  const expression = parseFilter(filter);
  return expression === undefined ? undefined : check(expression, filter);
}

/**
 * Accepts an empty JSON object as a filter: `gcloud dataproc operations list` sends `{}` for
 * everything.
 *
 * @throws {StatusError} INVALID_ARGUMENT FILTER_INVALID for an object with members, which would
 * match nothing as words
 */
function compileJson(filter: string): undefined {
  if (/^\{\s*\}$/.test(filter.trim())) return;
  throw filterRefusal(filter, 0, "a filter such as done = true, or {} for everything", "a JSON object");
}

function isJsonObject(filter: string): boolean {
  if (!/^\s*\{[^]*\}\s*$/.test(filter) || filter.length > LIMITS.filterLengthMax) return false;
  try {
    JSON.parse(filter);
    return true;
  } catch {
    return false;
  }
}

function check(expression: Expression, filter: string): Filter {
  switch (expression.kind) {
    case "and":
    case "or":
      return { kind: expression.kind, operands: expression.operands.map((each) => check(each, filter)) };
    case "not":
      return { kind: "not", operand: check(expression.operand, filter) };
    case "search":
      return checkSearch(expression, filter);
    case "restriction":
      return checkRestriction(expression, filter);
  }
}

/**
 * Checks a word without a field. A field without a comparator would otherwise be read as a word and
 * silently match something else.
 */
function checkSearch({ path, literal }: Search, filter: string): Filter {
  const [top = "", ...rest] = path.segments;
  const isField = !path.quoted && (top === "done" || (rest.length > 0 && isTopField(top)));
  if (isField) {
    const end = path.position + literal.text.length;
    throw filterRefusal(
      filter,
      end,
      `a comparator after the field ${shown(literal.text)} (in quotes it is text)`,
      end >= filter.length ? "the end" : shown(filter.slice(end)),
    );
  }
  return { kind: "search", text: literal.text };
}

function isTopField(name: string): boolean {
  return TOP_FIELDS.some((each) => each === name);
}

const EQUALITY: readonly Comparator[] = ["=", "!=", ":"];
/** The comparators of each type. Other types allow every comparator. */
const COMPARATORS_OF: Readonly<Partial<Record<FieldType, readonly Comparator[]>>> = {
  boolean: EQUALITY,
  state: EQUALITY,
  message: [":"],
  list: [":"],
};

function checkRestriction({ path, comparator, literal }: Restriction, filter: string): Filter {
  if (path.segments.length > LIMITS.jsonDepthMax) {
    const expected = `a path of ${LIMITS.jsonDepthMax} fields at most, as deep as values go`;
    throw filterRefusal(filter, path.position, expected, `${path.segments.length} fields`);
  }
  const finding = findField(path.segments);
  if (finding.field === undefined) {
    const segment = path.segments[finding.index] ?? "";
    throw filterRefusal(filter, path.position, finding.expected, shown(segment));
  }
  const { field } = finding;
  const allowed = COMPARATORS_OF[field.type];
  if (allowed !== undefined && !allowed.includes(comparator)) {
    const expected = `${allowed.join(" or ")} after ${path.segments.join(".")}`;
    throw filterRefusal(filter, path.position, expected, comparator);
  }
  const value = readLiteral(literal, comparator);
  if (value.presence) return { kind: "comparison", field, comparator, value };
  const fitting = fit(field, comparator, value);
  if (typeof fitting === "string")
    throw filterRefusal(filter, literal.position, fitting, shown(literal.text));
  return { kind: "comparison", field, comparator, value: fitting };
}

/** The literal in the field's type, or the expected form. */
function fit({ type, path }: Field, comparator: Comparator, value: LiteralValue): LiteralValue | string {
  const { text } = value;
  switch (type) {
    case "boolean": {
      const boolean = readBoolean(text);
      return boolean === undefined ? "true or false" : { ...value, boolean };
    }
    case "number": {
      const number = readNumber(text);
      return number === undefined ? "a number" : { ...value, number };
    }
    case "time":
      return value.time === undefined ? "a timestamp such as 2026-01-31T12:00:00Z" : value;
    case "state":
      return STATES.some((state) => state === text) ? asText(value) : `one of ${STATES.join(", ")}`;
    case "code":
      return fitCode(comparator, value);
    case "message":
      return path[0] === "error" ? "* after error:" : value;
    case "text":
      return asText(value);
    case "list":
    case "any":
      return value;
  }
}

/** For fields that are text regardless of their form. */
function asText(value: LiteralValue): LiteralValue {
  return { ...value, boolean: undefined, number: undefined, time: undefined, durationMs: undefined };
}

/** By number, or by name if the comparator does not need an order. */
function fitCode(comparator: Comparator, value: LiteralValue): LiteralValue | string {
  const number = readNumber(value.text);
  if (number !== undefined) return { ...value, number };
  const named = EQUALITY.includes(comparator) ? new Map(Object.entries(CODES)).get(value.text) : undefined;
  return named === undefined ? "a code such as NOT_FOUND or 5" : { ...value, number: named };
}
