import { lightColumns, type ScanKind } from "../list/statements.ts";
import { COLUMNS } from "./statements.ts";

/**
 * The SQL texts of lists. They are put together, since filters are as callers write them, and only from what stands here;
 * whatever a caller wrote is a parameter.
 */

/** What a list is read along, in the order of its key: `id`, or `end_time, id`. The planner has no say in it. */
export const SCANS = {
  /** Everything of one parent. */
  list: { index: "operations_list", fixed: "parent = ?", key: "id" },
  /** One parent's operations of a state, which is never SUCCEEDED; several states are merged. */
  state: {
    index: "operations_state",
    fixed: "parent = ? and state = ? and state <> 'SUCCEEDED'",
    key: "id",
  },
  /** Everything there is: the index of the primary key. */
  id: { index: "sqlite_autoindex_operations_1", fixed: "true", key: "id" },
  /** One parent's finished operations. */
  end: {
    index: "operations_end",
    fixed: "parent = ? and end_time is not null",
    key: "end_time, id",
  },
  /** What failed or was cancelled of a method, over all parents; several methods and both states are merged. */
  failures: {
    index: "operations_failures",
    fixed: "method = ? and state = ? and state in ('FAILED', 'CANCELLED')",
    key: "id",
  },
} as const satisfies Record<ScanKind, unknown>;

/** Slashes too fit `*`, so that more may fit than is meant. */
export const PARENT_LIKE = "parent glob ?";

/** What a text of a list depends on. */
export interface ListText {
  readonly scan: ScanKind;
  /** Merged branches: the number of states of a scan by state, otherwise 1. */
  readonly branches: number;
  readonly descending: boolean;
  /** Put together from `CONDITIONS` of list/statements.ts; empty for none. */
  readonly condition: string;
  /** Whether payloads are left out. */
  readonly light: boolean;
}

/** What tells a scan from others. */
type ScanText = Omit<ListText, "condition" | "light">;

const LIGHT = lightColumns();
const LIGHT_COLUMNS = COLUMNS.split(/,\s*/)
  .map((column) => LIGHT[column] ?? column)
  .join(", ");

/**
 * The records between two keys, the first left out and the second included, that a condition holds for. Parameters, for
 * each branch: those of the scan, the first key, the second key, those of the condition.
 */
export function rowsText(text: ListText): string {
  return merged(text, text.light ? LIGHT_COLUMNS : COLUMNS);
}

/** The key of the nth record after a first key, not further than a second. Parameters as of `rowsText`; then n − 1. */
export function windowText(text: ScanText): string {
  return `${merged({ ...text, condition: "" }, SCANS[text.scan].key)}
  limit 1 offset ?`;
}

/** How many records there are between two keys. Parameters as of `windowText`, without n. */
export function countText(text: ScanText): string {
  return `select count(*) from (${merged({ ...text, condition: "" }, SCANS[text.scan].key)})`;
}

function merged({ scan, branches, descending, condition }: Omit<ListText, "light">, columns: string): string {
  const { index, fixed, key } = SCANS[scan];
  const isPair = key.includes(",");
  const [left, right] = isPair ? [`(${key})`, "(?, ?)"] : [key, "?"];
  const range = descending
    ? `${left} < ${right} and ${left} >= ${right}`
    : `${left} > ${right} and ${left} <= ${right}`;
  const branch = `
  select ${columns}
  from operations indexed by ${index}
  where ${fixed} and ${range}${condition === "" ? "" : ` and ${condition}`}`;
  const order = key
    .split(", ")
    .map((column) => (descending ? `${column} desc` : column))
    .join(", ");
  return `${Array<string>(branches).fill(branch).join("\n  union all")}
  order by ${order}`;
}
