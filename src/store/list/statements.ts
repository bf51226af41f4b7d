import { LIMITS } from "../../core/limits.ts";

/**
 * What a filter can ask in SQL, the same in every dialect; each true or false and never null, so that `not` turns it round.
 * None is served by an index: they save that a record is brought to the program that does not match. Parameters are `?`.
 */
export const CONDITIONS = {
  always: "true",
  never: "false",
  state: (count: number): string => `state in (${Array<string>(count).fill("?").join(", ")})`,
  method: (operator: SqlOperator): string => `method ${operator} ?`,
  methods: (count: number): string => `method in (${Array<string>(count).fill("?").join(", ")})`,
  target: (operator: SqlOperator): string => `(target <> '' and target ${operator} ?)`,
  attempt: (operator: SqlOperator): string => `attempt ${operator} cast(? as double precision)`,
  time: (column: TimeColumn, operator: SqlOperator): string =>
    `(${column} is not null and ${column} ${operator} cast(? as double precision))`,
  has: (column: TimeColumn | "cancel_time"): string => `${column} is not null`,
  all: (conditions: readonly string[]): string => `(${conditions.join(" and ")})`,
  any: (conditions: readonly string[]): string => `(${conditions.join(" or ")})`,
  not: (condition: string): string => `not ${condition}`,
} as const;

/**
 * How the columns of a record are read without its payloads, where that is not by their names: what is left out, and what is cut.
 *
 * @param prefix such as `o.`
 */
export function lightColumns(prefix = ""): Readonly<Record<string, string>> {
  return {
    request: "''",
    metadata: `substr(${prefix}metadata, 1, ${LIMITS.rowTextMax})`,
    response: `case when ${prefix}response is not null then '{}' end`,
    error: `substr(${prefix}error, 1, ${LIMITS.rowTextMax})`,
    exception: `substr(${prefix}exception, 1, ${LIMITS.rowExceptionMax})`,
    attempts: "null",
    caller: "null",
    trace_context: "null",
  };
}

/**
 * What a list is read along: everything of one parent, by id; one parent's operations of a state, which is never
 * SUCCEEDED, by id; everything there is, by id; one parent's finished operations, by end time and id; what failed
 * or was cancelled of a method, by id.
 */
export type ScanKind = "list" | "state" | "id" | "end" | "failures";

/** A column that holds an instant. */
export type TimeColumn = "create_time" | "start_time" | "end_time" | "expire_time";

/** How two values are compared in SQL. */
export type SqlOperator = "=" | "<>" | "<" | "<=" | ">" | ">=";
