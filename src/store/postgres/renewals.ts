import { shardOf } from "../../core/id.ts";
import type { RenewAnswer, RenewCommand } from "../../core/store.ts";
import { columnsOf } from "./array.ts";
import type { Query } from "./database.ts";
import type { Answered } from "./inserts.ts";
import { toChange } from "./row.ts";
import * as sql from "./statements.ts";

/**
 * Extends leases, and writes what was reported along with them. Harmless when repeated: the attempt is the fence.
 *
 * @param now the instant to judge by; null for the database's own
 */
export async function renewAll(
  query: Query,
  commands: readonly RenewCommand[],
  now: number | null,
): Promise<readonly Answered<RenewAnswer>[]> {
  const rows = commands.map(({ id, attempt, leaseMs, metadata }) => [
    shardOf(id),
    id,
    attempt,
    leaseMs,
    metadata?.type ?? null,
    metadata?.json ?? null,
  ]);
  const held = new Map(
    (await query(sql.RENEW, [now, ...columnsOf(rows)])).map((row) => [String(row[0]), row]),
  );
  return commands.map(({ id, metadata }) => {
    const row = held.get(id);
    if (row === undefined) return { answer: { held: false }, changes: [] };
    const [, , , , cancelTime, leaseTime, revision] = row;
    const answer: RenewAnswer = {
      held: true,
      leaseTime: Number(leaseTime),
      revision: Number(revision),
      cancelRequested: cancelTime !== null,
    };
    return { answer, changes: metadata === null ? [] : [toChange(row, false)] };
  });
}
