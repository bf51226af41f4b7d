import type { Content } from "../list/gathered-page.ts";
import { lightColumns, type ScanKind, UNSHOWN_COLUMNS } from "../list/statements.ts";
import { COLUMNS } from "./statements.ts";

/**
 * The SQL texts of lists. They are assembled, because callers write the filters, but only from the
 * texts in this file; everything a caller wrote is a parameter.
 */

/**
 * The index of each scan, in the order of its key: `id`, or `end_time, id`. The statements force
 * the index; the planner does not choose.
 */
export const SCANS = {
  /** All operations of one parent. */
  list: { index: "operations_list", fixed: "parent = ?", key: "id" },
  /** One parent's operations of a state, never SUCCEEDED; several states are merged. */
  state: {
    index: "operations_state",
    fixed: "parent = ? and state = ? and state <> 'SUCCEEDED'",
    key: "id",
  },
  /** All operations, by the index of the primary key. */
  id: { index: "sqlite_autoindex_operations_1", fixed: "true", key: "id" },
  /** One parent's finished operations. */
  end: {
    index: "operations_end",
    fixed: "parent = ? and end_time is not null",
    key: "end_time, id",
  },
  /**
   * Failed and cancelled operations of a method, over all parents; several methods and both states
   * are merged.
   */
  failures: {
    index: "operations_failures",
    fixed: "method = ? and state = ? and state in ('FAILED', 'CANCELLED')",
    key: "id",
  },
} as const satisfies Record<ScanKind, unknown>;

/** `*` also matches slashes, so the condition may match more parents than the pattern means. */
export const PARENT_LIKE = "parent glob ?";

/** The parts that determine the text of a list. */
export interface ListText {
  readonly scan: ScanKind;
  /** The number of merged branches: of states in a scan by state, otherwise 1. */
  readonly branches: number;
  readonly descending: boolean;
  /** Assembled from `CONDITIONS` of list/statements.ts; empty if there is no condition. */
  readonly condition: string;
  readonly content: Content;
}

/** The parts that determine a scan. */
type ScanText = Omit<ListText, "condition" | "content">;

const columnsOf = (replaced: Readonly<Record<string, string>>): string =>
  COLUMNS.split(/,\s*/)
    .map((column) => replaced[column] ?? column)
    .join(", ");

const COLUMNS_OF: Readonly<Record<Content, string>> = {
  WHOLE: COLUMNS,
  SHOWN: columnsOf(UNSHOWN_COLUMNS),
  LIGHT: columnsOf(lightColumns()),
};

/**
 * The records between two keys (the first exclusive, the second inclusive) that fulfil the
 * condition. Parameters, for each branch: the scan's, the first key, the second key, the
 * condition's.
 */
export function rowsText(text: ListText): string {
  return merged(text, COLUMNS_OF[text.content]);
}

/**
 * The key of the nth record after the first key, not beyond the second. Parameters: those of
 * `rowsText`, then n − 1.
 */
export function windowText(text: ScanText): string {
  return `${merged({ ...text, condition: "" }, SCANS[text.scan].key)}
  limit 1 offset ?`;
}

/** The number of records between two keys. Parameters: those of `windowText`, without n. */
export function countText(text: ScanText): string {
  return `select count(*) from (${merged({ ...text, condition: "" }, SCANS[text.scan].key)})`;
}

function merged(
  { scan, branches, descending, condition }: Omit<ListText, "content">,
  columns: string,
): string {
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
