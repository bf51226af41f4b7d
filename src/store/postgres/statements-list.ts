import type { State } from "../../core/operation/operation.ts";
import type { ScanKind } from "../list/statements.ts";
import { ALL_SHARDS } from "./sharding.ts";

/**
 * The SQL texts of lists, which touch all shards. They are put together, since filters are as callers write them, and only from what stands here
 * and in list/statements.ts; whatever a caller wrote is a parameter.
 */

/** What a list is read along, in the order of its key: `id`, or `end_time, id`; and the index that serves it. */
export const SCANS = {
  list: { index: "operations_list", fixed: "parent = ?", key: "id" },
  state: {
    index: "operations_states",
    fixed: "parent = ? and state = ? and state not in ('SUCCEEDED', 'RUNNING')",
    key: "id",
  },
  id: { index: "operations_pkey", fixed: "true", key: "id" },
  end: { index: "operations_end", fixed: "parent = ? and end_time is not null", key: "end_time, id" },
} as const satisfies Record<ScanKind, unknown>;

/** What is running has an index of its own. The rest is as in a scan by state. */
export const RUNNING = { index: "operations_runs", fixed: "parent = ? and state = ? and state = 'RUNNING'" };

/** `%` takes slashes too, so that more may fit than is meant. */
export const PARENT_LIKE = "parent like ?";

/** What a text of a list depends on. */
export interface ListText {
  readonly scan: ScanKind;
  /** The states of a scan by state: each is a branch, and branches are merged. Empty for other scans, which have one branch. */
  readonly states: readonly State[];
  readonly descending: boolean;
  /** Put together from `CONDITIONS`; empty for none. */
  readonly condition: string;
}

/**
 * The keys of the records between two keys, the first left out and the second included, that a condition holds for, and the
 * bytes of their payloads. Parameters, for each branch: those of the scan, the first key, the second key, those of the
 * condition.
 *
 * @param most of them at the most. It is a part of the text, since plans are made once for each text and all parameters:
 *   that it is few is what makes the planner read along the index
 */
export function keysText(text: ListText, most: number): string {
  const bytes = "coalesce(octet_length(metadata), 0) + coalesce(octet_length(response), 0)";
  return numbered(`${ALL_SHARDS}${merged(text, `id, end_time, ${bytes}`)}
  limit ${most}`);
}

/** The key of the nth record after a first key, not further than a second. Parameters as of `keysText`. */
export function windowText(text: Omit<ListText, "condition">, size: number): string {
  return numbered(`${ALL_SHARDS}${merged({ ...text, condition: "" }, "id, end_time, 0")}
  limit 1 offset ${size - 1}`);
}

function merged({ scan, states, descending, condition }: ListText, columns: string): string {
  const { fixed, key } = SCANS[scan];
  const [left, right] = key.includes(",") ? [`(${key})`, "(?, ?)"] : [key, "?"];
  const range = descending
    ? `${left} < ${right} and ${left} >= ${right}`
    : `${left} > ${right} and ${left} <= ${right}`;
  const order = key
    .split(", ")
    .map((column) => (descending ? `${column} desc` : column))
    .join(", ");
  const all =
    states.length === 0 ? [fixed] : states.map((state) => (state === "RUNNING" ? RUNNING.fixed : fixed));
  // In order each by itself, so that they are merged as they are read; otherwise all of them are sorted for a page.
  const branches = all.map(
    (each) => `
  (select ${columns}
  from operations
  where ${each} and ${range}${condition === "" ? "" : ` and ${condition}`}${all.length === 1 ? "" : `\n  order by ${order}`})`,
  );
  return `${branches.join("\n  union all")}
  order by ${order}`;
}

/** `?` as PostgreSQL has it: `$1`, `$2`, … */
function numbered(text: string): string {
  let number = 0;
  return text.replaceAll("?", () => `$${++number}`);
}
