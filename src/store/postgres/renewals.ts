import type { RenewAnswer, RenewCommand } from "../../core/ports/store.ts";
import { columnsOfElements } from "./array.ts";
import type { Query } from "./database.ts";
import type { Answered } from "./inserts.ts";
import type { Prepared } from "./prepared.ts";
import { toChange } from "./row.ts";
import * as sql from "./statements.ts";

/**
 * Extends leases, and writes the reports that come with them. It can be repeated safely, because
 * the attempt is the fence.
 *
 * @param now the time to judge by; null for the database's own
 */
export async function renewAll(
  query: Query,
  renewals: readonly Prepared<RenewCommand>[],
  now: number | null,
): Promise<readonly Answered<RenewAnswer>[]> {
  const columns = columnsOfElements(renewals.map(({ row }) => row));
  const held = new Map((await query(sql.RENEW, [now, ...columns])).map((row) => [String(row[0]), row]));
  return renewals.map(({ command: { id, metadata } }) => {
    const row = held.get(id);
    if (row === undefined) return { answer: { held: false }, changes: [] };
    const [, , , , cancelTime, , leaseTime, revision] = row;
    const answer: RenewAnswer = {
      held: true,
      leaseTime: Number(leaseTime),
      revision: Number(revision),
      cancelRequested: cancelTime !== null,
    };
    return { answer, changes: metadata === null ? [] : [toChange(row, false)] };
  });
}

/**
 * Like {@link renewAll}, but skips records that another transaction has locked: undefined for each.
 */
export async function renewUnlocked(
  query: Query,
  renewals: readonly Prepared<RenewCommand>[],
  now: number | null,
): Promise<readonly (RenewAnswer | undefined)[]> {
  const locked = new Set(
    (await query(sql.LOCKED, columnsOfElements(renewals.map(({ row }) => row.slice(0, 2))))).map(
      ([id]) => id,
    ),
  );
  const others = renewals.filter(({ command }) => !locked.has(command.id));
  const answered = await renewAll(query, others, now);
  const answers = new Map(others.map(({ command }, index) => [command.id, answered[index]?.answer]));
  return renewals.map(({ command }) => answers.get(command.id));
}
