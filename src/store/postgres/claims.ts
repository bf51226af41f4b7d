import type { Operation } from "../../core/operation/operation.ts";
import type { ClaimAnswer, ClaimCommand } from "../../core/ports/store.ts";
import { arrayOf, columnsOf } from "./array.ts";
import type { ClaimStarts } from "./claim-starts.ts";
import type { Database, Row } from "./database.ts";
import { toOperation } from "./row.ts";
import * as sql from "./statements-claim.ts";

/** How a claim is carried out. */
export interface ClaimSetting {
  /** The instant to judge by; null for the database's own. */
  readonly now: number | null;
  readonly starts: ClaimStarts;
}

/** Takes operations for a worker. */
export async function claim(
  database: Pick<Database, "query">,
  command: ClaimCommand,
  setting: ClaimSetting,
): Promise<ClaimAnswer> {
  if (command.wanted.length === 0) return { operations: [], nextTime: null };
  // In the order of the index, which the statement walks through.
  const wanted = command.wanted.toSorted((a, b) => (a.method < b.method ? -1 : 1));
  const sorted = { ...command, wanted };
  const look = setting.starts.begin(sorted);
  try {
    const answer = await claimFrom(database, sorted, { now: setting.now, from: arrayOf(look.starts) });
    look.end(answer);
    return answer;
  } catch (error) {
    look.end();
    throw error;
  }
}

async function claimFrom(
  database: Pick<Database, "query">,
  { wanted, limit, leaseMs, worker }: ClaimCommand,
  { now, from }: Pick<ClaimSetting, "now"> & { readonly from: string },
): Promise<ClaimAnswer> {
  const methods = columnsOf(wanted.map((each) => [each.method, Math.max(0, each.limit)]));
  return answerOf(
    await database.query(sql.CLAIM, [now, ...methods, Math.max(0, limit), leaseMs, worker, from]),
  );
}

/** Each row tells the next time first; the only row of a claim that took nothing has nothing behind it. */
function answerOf(rows: readonly Row[]): ClaimAnswer {
  const taken = rows.filter((row) => row[1] !== null).map((row) => toOperation(row.slice(1)));
  return { operations: inOrder(taken), nextTime: timeOf(rows[0]) };
}

function timeOf(row: Row | undefined): number | null {
  return row?.[0] == null ? null : Number(row[0]);
}

/** The order of claims. */
export function inOrder(operations: readonly Operation[]): readonly Operation[] {
  return operations.toSorted(
    (a, b) => b.priority - a.priority || a.availableTime - b.availableTime || (a.id < b.id ? -1 : 1),
  );
}
