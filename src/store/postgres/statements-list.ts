import type { State } from "../../core/operation/operation.ts";
import type { ScanKind } from "../list/statements.ts";
import { ALL_SHARDS } from "./sharding.ts";

/**
 * The SQL texts of lists, which touch all shards. They are put together, since filters are as callers write them, and only from what stands here
 * and in list/statements.ts; whatever a caller wrote is a parameter.
 */

/** An index that a list is read along, and the condition under which it has everything. */
export interface Branch {
  readonly index: string;
  readonly fixed: string;
  /** What it is compared and ordered by, where that is more than the key of the scan, and what with. */
  readonly own?: { readonly key: string; readonly value: string };
}

/** One parent's operations: together everything, each operation in one of them. */
const STAGES = {
  pending: { index: "operations_pending", fixed: "parent = ? and state = 'PENDING'" },
  running: { index: "operations_runs", fixed: "parent = ? and state = 'RUNNING'" },
  done: { index: "operations_done", fixed: "parent = ? and state not in ('PENDING', 'RUNNING')" },
} as const satisfies Record<string, Branch>;

/** One parent's operations of one state, which is never SUCCEEDED. */
function stageOf(state: State): Branch {
  if (state === "PENDING") return STAGES.pending;
  if (state === "RUNNING") return STAGES.running;
  const fixed = `parent = ? and state = '${state}' and state in ('FAILED', 'CANCELLED')`;
  return { index: "operations_unsuccessful", fixed };
}

/**
 * What failed, or what was cancelled, of one method, over all parents. The planner does not know the method, and where many
 * operations fail it would look for them along the primary key, through everything there is. Only one index has this order.
 */
function failuresOf(state: State): Branch {
  const own = { key: "method, state, id", value: `(?, '${state}', ?)` };
  return { index: "operations_failures", fixed: "state in ('FAILED', 'CANCELLED')", own };
}

/**
 * What a list is read along: branches, which are merged. The key of a scan is the order of its indexes, but for ids of one end
 * time, which are sorted.
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

/** `%` takes slashes too, so that more may fit than is meant. */
export const PARENT_LIKE = "parent like ?";

/** What a text of a list depends on. */
export interface ListText {
  readonly scan: ScanKind;
  /** The states of a scan by state or of failures: each is a branch, and branches are merged. Empty for other scans. */
  readonly states: readonly State[];
  readonly descending: boolean;
  /** Put together from `CONDITIONS`; empty for none. */
  readonly condition: string;
}

/**
 * The keys of the records between two keys, the first left out and the second included, that a condition holds for, and the
 * bytes of their payloads. Parameters, for each branch: the parent, if it has one, the first key, the second key, those of the
 * condition. A method stands before each of the keys.
 *
 * @param most of them at the most. It is a part of the text, since plans are made once for each text and all parameters:
 *   that it is few is what makes the planner read along the index
 * @param light whether payloads are left out: they have no bytes then
 */
export function keysText(text: ListText, most: number, light = false): string {
  const bytes = light ? "0" : "coalesce(octet_length(metadata), 0) + coalesce(octet_length(response), 0)";
  return numbered(`${ALL_SHARDS}${merged(text, bytes, most)}
  limit ${most}`);
}

/** The key of the nth record after a first key, not further than a second. Parameters as of `keysText`. */
export function windowText(text: Omit<ListText, "condition">, size: number): string {
  return numbered(`${ALL_SHARDS}${merged({ ...text, condition: "" }, "0", size)}
  limit 1 offset ${size - 1}`);
}

/** How many records there are between two keys. Parameters as of `windowText`. */
export function countText(text: Omit<ListText, "condition">): string {
  return numbered(`${ALL_SHARDS}
  select count(*) from (${merged({ ...text, condition: "" }, "0")}) looked`);
}

/**
 * Of the first so many records between two keys: how many there are, how many a condition holds for, how many of these have ended,
 * whether there are more than were looked at, and the ids of the first that the condition holds for, with spaces between.
 * Parameters, for each branch: those of the condition, then as of `windowText`.
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
 * Branches in one table, with the shard in each: so Citus sends the whole to each shard, which looks at all branches at one
 * instant, and an operation is in one of them. Apart they would all be brought to the coordinator, one after the other. A branch
 * in an order of its own, of what has ended, is cut and brought there.
 *
 * @param value is told of each record
 * @param most of them that are wanted; undefined for all
 */
function merged(text: ListText, value: string, most?: number): string {
  const { scan, descending, condition } = text;
  const key = KEYS[scan];
  const all = branchesOf(text);
  const branches = all.map(({ fixed, own }) => {
    const isPair = key.includes(",");
    const range = rangeOf(descending, own?.key ?? key, own?.value ?? (isPair ? "(?, ?)" : "?"));
    // In order each by itself, so that they are merged as they are read; otherwise all of them are sorted for a page.
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

/** The first key left out, and the second included. */
function rangeOf(descending: boolean, key: string, value: string): string {
  const left = key.includes(",") ? `(${key})` : key;
  return descending
    ? `${left} < ${value} and ${left} >= ${value}`
    : `${left} > ${value} and ${left} <= ${value}`;
}

function orderOf(descending: boolean, key: string): string {
  return descending ? key.replaceAll(/\w+/g, "$& desc") : key;
}

/** `?` as PostgreSQL has it: `$1`, `$2`, … */
function numbered(text: string): string {
  let number = 0;
  return text.replaceAll("?", () => `$${++number}`);
}
