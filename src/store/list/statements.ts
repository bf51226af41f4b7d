import { LIMITS } from "../../core/limits.ts";

/**
 * The SQL conditions of filters, the same in every dialect; each is true or false and never null,
 * so that `not` inverts it. No index serves them: they save loading records that do not match.
 * Parameters are `?`.
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
 * The expressions that read the columns of a record without its payloads, for columns that are left
 * out or cut.
 *
 * @param prefix the prefix of column names, such as `o.`
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
 * The same for the columns that answers to callers never show, whose texts may be much larger than
 * those that they show.
 */
export const UNSHOWN_COLUMNS: Readonly<Record<string, string>> = {
  request: "''",
  exception: "null",
  attempts: "null",
  trace_context: "null",
};

/**
 * The order in which a list is read: `list`: all operations of a parent, by id; `state`: a parent's
 * operations of one state, never SUCCEEDED, by id; `id`: all operations, by id; `end`: a parent's
 * finished operations, by end time and id; `failures`: failed and cancelled operations of a method,
 * by id.
 */
export type ScanKind = "list" | "state" | "id" | "end" | "failures";

/** A column that holds an instant. */
export type TimeColumn = "create_time" | "start_time" | "end_time" | "expire_time";

/** The SQL operator that compares two values. */
export type SqlOperator = "=" | "<>" | "<" | "<=" | ">" | ">=";
