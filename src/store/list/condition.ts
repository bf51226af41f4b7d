import type { Comparison, Filter, OfMethods } from "../../core/filter/filter.ts";
import type { Comparator } from "../../core/filter/syntax.ts";
import { LIMITS } from "../../core/limits.ts";
import { STATES } from "../../core/operation/operation.ts";
import { isStorable } from "../../core/value/text.ts";
import { stateBounds } from "./states.ts";
import { CONDITIONS, type SqlOperator, type TimeColumn } from "./statements.ts";

/** A parameter of a statement. */
export type SqlValue = string | number | null;

/**
 * A filter as SQL, as far as SQL can express it: true for every record that the filter matches.
 * `exact`: false for all other records.
 */
export interface Condition {
  readonly text: string;
  readonly parameters: readonly SqlValue[];
  readonly exact: boolean;
}

/**
 * The part of a filter that SQL can check, which saves loading records that cannot match; `matches`
 * then checks the whole filter.
 *
 * @returns undefined if SQL can check no part of it
 */
export function conditionOf(filter: Filter): Condition | undefined {
  switch (filter.kind) {
    case "and": {
      const known = filter.operands.map(conditionOf).filter((each) => each !== undefined);
      const exact = known.length === filter.operands.length && known.every((each) => each.exact);
      return known.length === 0 ? undefined : { ...joined(CONDITIONS.all, known), exact };
    }
    case "or": {
      const known = filter.operands.map(conditionOf).filter((each) => each !== undefined);
      if (known.length < filter.operands.length) return undefined;
      return { ...joined(CONDITIONS.any, known), exact: known.every((each) => each.exact) };
    }
    case "not": {
      const operand = conditionOf(filter.operand);
      return operand?.exact === true ? { ...operand, text: CONDITIONS.not(operand.text) } : undefined;
    }
    case "search":
      return undefined;
    case "methods":
      return conditionOfMethods(filter);
    case "comparison":
      return conditionOfComparison(filter);
  }
}

function conditionOfMethods({ names }: OfMethods): Condition | undefined {
  if (names.size === 0) return exactly(CONDITIONS.never);
  return names.size > LIMITS.filterMethodsMax ? undefined : exactly(CONDITIONS.methods(names.size), ...names);
}

const TIME_COLUMNS: Readonly<Record<string, TimeColumn>> = {
  createTime: "create_time",
  startTime: "start_time",
  endTime: "end_time",
  expireTime: "expire_time",
};

const OPERATORS: Readonly<Record<Comparator, SqlOperator>> = {
  "=": "=",
  "!=": "<>",
  "<": "<",
  "<=": "<=",
  ">": ">",
  ">=": ">=",
  ":": "=",
};

function conditionOfComparison(comparison: Comparison): Condition | undefined {
  const { states, exact } = stateBounds(comparison);
  if (exact || states.size < STATES.length) {
    if (states.size === 0) return { text: CONDITIONS.never, parameters: [], exact };
    return { text: CONDITIONS.state(states.size), parameters: Array.from(states), exact };
  }
  const { field, comparator, value } = comparison;
  const [top, name = ""] = field.path;
  if (top !== "metadata") return undefined;
  const operator = OPERATORS[comparator];
  const column = TIME_COLUMNS[name];
  if (field.type === "time" && column !== undefined) {
    if (value.presence) return exactly(CONDITIONS.has(column));
    return value.time === undefined ? undefined : exactly(CONDITIONS.time(column, operator), value.time);
  }
  if (field.type === "boolean") {
    if (value.presence) return exactly(CONDITIONS.always);
    const isAsked = value.boolean === (comparator !== "!=");
    const asked = CONDITIONS.has("cancel_time");
    return exactly(isAsked ? asked : CONDITIONS.not(asked));
  }
  if (field.type === "number") {
    // A priority of 0 counts as absent, on the wire and in filters.
    if (name !== "attempt") return undefined;
    if (value.presence) return exactly(CONDITIONS.always);
    return value.number === undefined ? undefined : exactly(CONDITIONS.attempt(operator), value.number);
  }
  const isWhole = (comparator === "=" || comparator === "!=") && value.pattern === undefined;
  if (field.type !== "text" || !isWhole) return undefined;
  // No record contains such a text, and some databases reject it as a parameter.
  if (!isStorable(value.text)) return exactly(comparator === "=" ? CONDITIONS.never : CONDITIONS.always);
  if (name === "verb") return exactly(CONDITIONS.method(operator), value.text);
  return name === "target" ? exactly(CONDITIONS.target(operator), value.text) : undefined;
}

function exactly(text: string, ...parameters: SqlValue[]): Condition {
  return { text, parameters, exact: true };
}

function joined(
  join: (texts: readonly string[]) => string,
  conditions: readonly Condition[],
): Omit<Condition, "exact"> {
  return {
    text: join(conditions.map((each) => each.text)),
    parameters: conditions.flatMap((each) => each.parameters),
  };
}
