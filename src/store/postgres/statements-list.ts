import type { State } from "../../core/operation/operation.ts";
import type { Content } from "../list/gathered-page.ts";
import type { ScanKind } from "../list/statements.ts";
import { ALL_SHARDS } from "./sharding.ts";

/**
 * The SQL texts of lists, which touch all shards. They are assembled, because callers write the
 * filters, but only from the texts in this file and in list/statements.ts; everything a caller
 * wrote is a parameter.
 */

/**
 * An index along which a list is read, and the condition under which it contains all its records.
 */
export interface Branch {
  readonly index: string;
  readonly fixed: string;
  /**
   * The expression that it is compared and ordered by, if that is more than the key of the scan,
   * and the value to compare with.
   */
  readonly own?: { readonly key: string; readonly value: string };
}

/** One parent's operations: each operation is in exactly one of these branches. */
const STAGES = {
  pending: { index: "operations_pending", fixed: "parent = ? and state = 'PENDING'" },
  running: { index: "operations_runs", fixed: "parent = ? and state = 'RUNNING'" },
  done: { index: "operations_done", fixed: "parent = ? and state not in ('PENDING', 'RUNNING')" },
} as const satisfies Record<string, Branch>;

/** One parent's operations of one state, never SUCCEEDED. */
function stageOf(state: State): Branch {
  if (state === "PENDING") return STAGES.pending;
  if (state === "RUNNING") return STAGES.running;
  const fixed = `parent = ? and state = '${state}' and state in ('FAILED', 'CANCELLED')`;
  return { index: "operations_unsuccessful", fixed };
}

/**
 * The failed, or the cancelled, operations of one method, over all parents. The planner does not
 * know the method. If many operations fail, it would search them along the primary key, through all
 * operations. Only one index has this order.
 */
function failuresOf(state: State): Branch {
  const own = { key: "method, state, id", value: `(?, '${state}', ?)` };
  return { index: "operations_failures", fixed: "state in ('FAILED', 'CANCELLED')", own };
}

/**
 * The branches of a scan, which are merged. The key of a scan is the order of its indexes; only ids
 * with equal end times are sorted.
 */
export function branchesOf({ scan, states }: Pick<ListText, "scan" | "states">): readonly Branch[] {
  switch (scan) {
    case "list":
      return Object.values(STAGES);
    case "state":
      return states.map(stageOf);
    case "failures":
      return states.map(failuresOf);
    case "id":
      return [{ index: "operations_pkey", fixed: "true" }];
    case "end":
      return [{ index: "operations_ends", fixed: "parent = ? and end_time is not null" }];
  }
}

const KEYS: Readonly<Record<ScanKind, string>> = {
  list: "id",
  state: "id",
  id: "id",
  end: "end_time, id",
  failures: "id",
};

/** `%` also matches slashes, so the condition may match more parents than the pattern means. */
export const PARENT_LIKE = "parent like ?";

/** The parts that determine the text of a list. */
export interface ListText {
  readonly scan: ScanKind;
  /**
   * The states of a scan by state or of failures: each is a branch, and the branches are merged.
   * Empty for other scans.
   */
  readonly states: readonly State[];
  readonly descending: boolean;
  /** Assembled from `CONDITIONS`; empty if there is no condition. */
  readonly condition: string;
}

const SHOWN_BYTES =
  "coalesce(octet_length(metadata), 0) + coalesce(octet_length(response), 0) + coalesce(octet_length(error), 0)";
const BYTES_OF: Readonly<Record<Content, string>> = {
  WHOLE: `${SHOWN_BYTES} + octet_length(request)`,
  SHOWN: SHOWN_BYTES,
  LIGHT: "0",
};

/**
 * The keys of the records between two keys (the first exclusive, the second inclusive) that fulfil
 * the condition, and the bytes of their payloads. Parameters, for each branch: the parent, if there
 * is one, the first key, the second key, the condition's. A method precedes each of the keys.
 *
 * @param most the largest number of keys. It is part of the text, because each text is planned once
 *   for all parameters, and only a small number makes the planner read along the index
 * @param content the columns that are read then; without payloads their size is 0
 */
export function keysText(text: ListText, most: number, content: Content = "WHOLE"): string {
  const bytes = BYTES_OF[content];
  return numbered(`${ALL_SHARDS}${merged(text, bytes, most)}
  limit ${most}`);
}

/**
 * The key of the nth record after the first key, not beyond the second. Parameters: those of
 * `keysText`.
 */
export function windowText(text: Omit<ListText, "condition">, size: number): string {
  return numbered(`${ALL_SHARDS}${merged({ ...text, condition: "" }, "0", size)}
  limit 1 offset ${size - 1}`);
}

/** The number of records between two keys. Parameters: those of `windowText`. */
export function countText(text: Omit<ListText, "condition">): string {
  return numbered(`${ALL_SHARDS}
  select count(*) from (${merged({ ...text, condition: "" }, "0")}) looked`);
}

/**
 * Of the first `most` records between two keys: their number, how many fulfil the condition, how
 * many of these have ended, whether there are more than `most`, and the ids of the first ones that
 * fulfil the condition, separated by spaces. Parameters, for each branch: those of the condition,
 * then those of `windowText`.
 */
export function tallyText(text: ListText, most: number, examples: number): string {
  const { condition, descending, scan } = text;
  const records = merged({ ...text, condition: "" }, condition === "" ? "true" : condition, most + 1);
  const isTold = `place <= ${most}`;
  const ids = `array_agg(id::text order by place) filter (where ${isTold} and value)`;
  return numbered(`${ALL_SHARDS}
  select count(*) filter (where ${isTold}), count(*) filter (where ${isTold} and value),
    count(*) filter (where ${isTold} and value and end_time is not null), count(*) > ${most},
    array_to_string((${ids})[1:${examples}], ' ')
  from (
    select id, end_time, value, row_number() over (order by ${orderOf(descending, KEYS[scan])}) as place
    from (${records}
    limit ${most + 1}) found) looked`);
}

/**
 * The branches as one table with the shard in each: Citus then sends the whole query to each shard,
 * which reads all branches at one instant, so that each operation is in exactly one of them.
 * Separate queries would bring all rows to the coordinator, one query after the other. A branch of
 * finished operations with its own order is limited and brought there.
 *
 * @param value evaluated for each record
 * @param most the number of records wanted; undefined for all
 */
function merged(text: ListText, value: string, most?: number): string {
  const { scan, descending, condition } = text;
  const key = KEYS[scan];
  const all = branchesOf(text);
  const branches = all.map(({ fixed, own }) => {
    const isPair = key.includes(",");
    const range = rangeOf(descending, own?.key ?? key, own?.value ?? (isPair ? "(?, ?)" : "?"));
    // Each branch is ordered by itself, so that the branches are merged while they are read;
    // otherwise all records are sorted for a page.
    const isOrdered = own === undefined ? all.length > 1 : most !== undefined;
    const order = isOrdered ? `\n    order by ${orderOf(descending, own?.key ?? key)}` : "";
    const limit = own === undefined || most === undefined ? "" : ` limit ${most}`;
    return `
    (select shard, id, end_time, ${value} as value
    from operations
    where ${fixed} and ${range}${condition === "" ? "" : ` and ${condition}`}${order}${limit})`;
  });
  return `
  select id, end_time, value
  from (${branches.join("\n    union all")}
  ) found
  order by ${orderOf(descending, key)}`;
}

/** The first key is exclusive, the second inclusive. */
function rangeOf(descending: boolean, key: string, value: string): string {
  const left = key.includes(",") ? `(${key})` : key;
  return descending
    ? `${left} < ${value} and ${left} >= ${value}`
    : `${left} > ${value} and ${left} <= ${value}`;
}

function orderOf(descending: boolean, key: string): string {
  return descending ? key.replaceAll(/\w+/g, "$& desc") : key;
}

/** Replaces each `?` by PostgreSQL's `$1`, `$2`, … */
function numbered(text: string): string {
  let number = 0;
  return text.replaceAll("?", () => `$${++number}`);
}
