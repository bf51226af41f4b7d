import { SHARDS, shardOf } from "../../core/operation/id.ts";
import { StatusError } from "../../core/error/error.ts";
import { shardOfKey } from "./places.ts";
import type { Query } from "./session.ts";
import * as sql from "./statements-distribution.ts";

/**
 * The distribution of our tables on a database with Citus. Operations, the rows that belong to
 * them, and statistics are distributed by `shard` and colocated, so that a transaction of one shard
 * stays on one server. Small tables are on every server.
 */
export const CUT = ["operations", "parallel_keys", "statistics", "failures", "workers", "resources"] as const;
export const EVERYWHERE = ["service", "migrations", "migration_turn"] as const;
/** Tables on the coordinator only. */
export const APART = ["homes"] as const;

/** The state of one of our tables in Citus. */
export interface TableState {
  readonly name: string;
  /** `apart`: it is not a table of Citus. */
  readonly kind: "cut" | "everywhere" | "apart";
  /** The column by which it is distributed; null if it is not. */
  readonly column: string | null;
  /** Tables of one group are colocated; null if it is not a table of Citus. */
  readonly group: number | null;
  /** The number of its pieces. */
  readonly pieces: number;
  /** The number of servers that hold these pieces. */
  readonly nodes: number;
}

/**
 * The distribution of our tables; undefined if the database has no Citus, or none of our tables
 * yet.
 */
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

/** Whether operations are distributed by shard over several servers. */
export function isCut(tables: readonly TableState[] | undefined): boolean {
  return tables?.find(({ name }) => name === "operations")?.kind === "cut";
}

/** The mistakes in the distribution of tables, each with its remedy; empty if there are none. */
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

/**
 * Rejects a distribution that our statements cannot rely on. @throws {StatusError}
 * FAILED_PRECONDITION
 */
export function requireDistribution(tables: readonly TableState[]): void {
  const [flaw] = flawsOf(tables);
  if (flaw !== undefined) throw new StatusError("FAILED_PRECONDITION", `Cannot use the database: ${flaw}`);
}

/** Whether {@link distribute} has anything to do. */
export async function isToDistribute(query: Query): Promise<boolean> {
  const tables = await distributionOf(query);
  return tables?.some(({ kind }) => kind === "apart") === true;
}

/**
 * Distributes the tables that are not distributed yet, with their rows. Nobody may write meanwhile,
 * and no server may run.
 *
 * @param query in a transaction
 * @throws {StatusError} FAILED_PRECONDITION if unfinished operations wait for a place, or hold one,
 *   on another shard than that of their key
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
