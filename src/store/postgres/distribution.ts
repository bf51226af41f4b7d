import { SHARDS, shardOf } from "../../core/operation/id.ts";
import { StatusError } from "../../core/error/error.ts";
import { shardOfKey } from "./places.ts";
import type { Query } from "./session.ts";
import * as sql from "./statements-distribution.ts";

/**
 * How our tables are spread where the database has Citus: operations, what belongs to one, and what is kept for operators are cut by
 * `shard` and lie together, so that a transaction of one shard stays on one server; what is small is on every server.
 */
export const CUT = ["operations", "parallel_keys", "statistics", "failures", "workers", "resources"] as const;
export const EVERYWHERE = ["service", "migrations", "migration_turn"] as const;
/** Tables of the coordinator alone. */
export const APART = ["homes"] as const;

/** A table of ours, as Citus has it. */
export interface TableState {
  readonly name: string;
  /** `apart`: it is no table of Citus. */
  readonly kind: "cut" | "everywhere" | "apart";
  /** What it is cut by; null where it is not. */
  readonly column: string | null;
  /** Tables of one group lie together; null where it is none of Citus. */
  readonly group: number | null;
  /** Pieces that it is cut into. */
  readonly pieces: number;
  /** Servers that these are on. */
  readonly nodes: number;
}

/** How our tables are spread; undefined where the database has no Citus, or none of our tables yet. */
export async function distributionOf(query: Query): Promise<readonly TableState[] | undefined> {
  const [row] = await query(sql.HAS_CITUS);
  if (row?.[0] !== true) return undefined;
  const rows = await query(sql.TABLES, [`{${[...CUT, ...EVERYWHERE].join(",")}}`]);
  return rows.map(([name, method, column, group, pieces, nodes]) => ({
    name: String(name),
    kind: method === "h" ? "cut" : method === "n" ? "everywhere" : "apart",
    column: typeof column === "string" ? column : null,
    group: group === null ? null : Number(group),
    pieces: Number(pieces),
    nodes: Number(nodes),
  }));
}

/** Whether operations are cut into shards on several servers. */
export function isCut(tables: readonly TableState[] | undefined): boolean {
  return tables?.find(({ name }) => name === "operations")?.kind === "cut";
}

/** What is wrong with how tables are spread, and what to do about it; empty where nothing is. */
export function flawsOf(tables: readonly TableState[]): readonly string[] {
  const group = tables.find(({ name }) => name === "operations")?.group;
  return tables.flatMap((table) => {
    const { name, kind, column } = table;
    if (!(CUT as readonly string[]).includes(name))
      return kind === "everywhere" ? [] : [`${name} is not on every node; run: longrunning migrate`];
    if (kind !== "cut") return [`${name} is not distributed; run: longrunning migrate`];
    if (column !== "shard")
      return [`${name} is distributed by ${String(column)}; undistribute it and run: longrunning migrate`];
    return table.group === group
      ? []
      : [`${name} is not colocated with operations; undistribute it and run: longrunning migrate`];
  });
}

/** Refuses tables that are spread otherwise than statements rely on. @throws {StatusError} FAILED_PRECONDITION */
export function requireDistribution(tables: readonly TableState[]): void {
  const [flaw] = flawsOf(tables);
  if (flaw !== undefined) throw new StatusError("FAILED_PRECONDITION", `Cannot use the database: ${flaw}`);
}

/** Whether there is anything to do for {@link distribute}. */
export async function isToDistribute(query: Query): Promise<boolean> {
  const tables = await distributionOf(query);
  return tables?.some(({ kind }) => kind === "apart") === true;
}

/**
 * Spreads the tables that are not spread yet, with what is in them. Nobody writes meanwhile, and no process may serve.
 *
 * @param query in a transaction
 * @throws {StatusError} FAILED_PRECONDITION for unfinished operations that wait for a place, or hold one, on another shard than
 *   that of their key
 */
export async function distribute(query: Query): Promise<void> {
  const tables = await distributionOf(query);
  const apart = new Set(tables?.filter(({ kind }) => kind === "apart").map(({ name }) => name));
  if (apart.size === 0) return;
  await query(sql.ONE_AFTER_THE_OTHER);
  if (apart.has("operations")) await requireKeysTogether(query);
  for (const name of CUT.filter((each) => apart.has(each))) {
    if (name === "operations") await query(sql.CUT_FIRST, [name, SHARDS]);
    else await query(sql.CUT_BESIDE, [name]);
    await query(sql.CLEAR_LEFT, [name]);
  }
  for (const name of EVERYWHERE.filter((each) => apart.has(each))) {
    await query(sql.PUT_EVERYWHERE, [name]);
    await query(sql.CLEAR_LEFT, [name]);
  }
}

async function requireKeysTogether(query: Query): Promise<void> {
  const strays = (await query(sql.KEYED)).filter(
    ([id, method, key]) => shardOf(String(id)) !== shardOfKey({ method: String(method), key: String(key) }),
  );
  if (strays.length === 0) return;
  throw new StatusError(
    "FAILED_PRECONDITION",
    `Cannot distribute the tables: ${strays.length} unfinished operations hold or wait for a place of a key (parallel), and are not on the shard of the key, as those are that start later. ` +
      `Let them end or delete them, on the database without Citus, and run again: longrunning migrate`,
  );
}
