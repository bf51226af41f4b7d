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
 * What a list is read along: everything of one parent, by id; one parent's operations of a state, which is never
 * SUCCEEDED, by id; everything there is, by id; one parent's finished operations, by end time and id.
 */
export type ScanKind = "list" | "state" | "id" | "end";

/** A column that holds an instant. */
export type TimeColumn = "create_time" | "start_time" | "end_time" | "expire_time";

/** How two values are compared in SQL. */
export type SqlOperator = "=" | "<>" | "<" | "<=" | ">" | ">=";
