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
 * What a list is read along: branches, which are merged. The key of a scan is the order of its indexes, but for ids of one end
 * time, which are sorted.
 */
export function branchesOf({ scan, states }: Pick<ListText, "scan" | "states">): readonly Branch[] {
  switch (scan) {
    case "list":
      return Object.values(STAGES);
    case "state":
      return states.map(stageOf);
    case "id":
      return [{ index: "operations_pkey", fixed: "true" }];
    case "end":
      return [{ index: "operations_ends", fixed: "parent = ? and end_time is not null" }];
  }
}

const KEYS: Readonly<Record<ScanKind, string>> = { list: "id", state: "id", id: "id", end: "end_time, id" };

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
 * bytes of their payloads. Parameters, for each branch: the parent, if it has one, the first key, the second key, those of the
 * condition.
 *
 * @param most of them at the most. It is a part of the text, since plans are made once for each text and all parameters:
 *   that it is few is what makes the planner read along the index
 */
export function keysText(text: ListText, most: number): string {
  const bytes = "coalesce(octet_length(metadata), 0) + coalesce(octet_length(response), 0)";
  return numbered(`${ALL_SHARDS}${merged(text, bytes)}
  limit ${most}`);
}

/** The key of the nth record after a first key, not further than a second. Parameters as of `keysText`. */
export function windowText(text: Omit<ListText, "condition">, size: number): string {
  return numbered(`${ALL_SHARDS}${merged({ ...text, condition: "" }, "0")}
  limit 1 offset ${size - 1}`);
}

/**
 * Branches in one table, with the shard in each: so Citus sends the whole to each shard, which looks at all branches at one
 * instant, and an operation is in one of them. Apart they would all be brought to the coordinator, one after the other.
 */
function merged(text: ListText, bytes: string): string {
  const { scan, descending, condition } = text;
  const key = KEYS[scan];
  const [left, right] = key.includes(",") ? [`(${key})`, "(?, ?)"] : [key, "?"];
  const range = descending
    ? `${left} < ${right} and ${left} >= ${right}`
    : `${left} > ${right} and ${left} <= ${right}`;
  const order = key
    .split(", ")
    .map((column) => (descending ? `${column} desc` : column))
    .join(", ");
  const all = branchesOf(text);
  // In order each by itself, so that they are merged as they are read; otherwise all of them are sorted for a page.
  const ordered = all.length === 1 ? "" : `\n    order by ${order}`;
  const branches = all.map(
    ({ fixed }) => `
    (select shard, id, end_time, ${bytes} as bytes
    from operations
    where ${fixed} and ${range}${condition === "" ? "" : ` and ${condition}`}${ordered})`,
  );
  return `
  select id, end_time, bytes
  from (${branches.join("\n    union all")}
  ) found
  order by ${order}`;
}

/** `?` as PostgreSQL has it: `$1`, `$2`, … */
function numbered(text: string): string {
  let number = 0;
  return text.replaceAll("?", () => `$${++number}`);
}
