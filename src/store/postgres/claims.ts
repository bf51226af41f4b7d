import type { Operation } from "../../core/operation/operation.ts";
import type { ClaimAnswer, ClaimCommand } from "../../core/ports/store.ts";
import { arrayOf, columnsOf } from "./array.ts";
import type { ClaimStarts } from "./claim-starts.ts";
import type { Database, Row } from "./database.ts";
import { toOperation } from "./row.ts";
import * as sql from "./statements-claim.ts";
import type { Reached, TurnParameters, Turns } from "./turns.ts";

/** The settings of a claim. */
export interface ClaimSetting {
  /** The time to judge by; null for the database's own. */
  readonly now: number | null;
  readonly starts: ClaimStarts;
  readonly turns: Turns;
}

/** Claims operations for a worker. */
export async function claim(
  database: Pick<Database, "query">,
  command: ClaimCommand,
  setting: ClaimSetting,
): Promise<ClaimAnswer> {
  if (command.wanted.length === 0) return { operations: [], nextTime: null };
  if (command.within !== undefined) return claimWithin(database, command, setting.now);
  // In the order of the index through which the statement walks.
  const wanted = command.wanted.toSorted((a, b) => (a.method < b.method ? -1 : 1));
  const sorted = { ...command, wanted };
  const { now, starts, turns } = setting;
  const look = starts.begin(sorted);
  const turn = turns.next(sorted);
  try {
    const { answer, reached } = await claimFrom(database, sorted, { now, from: arrayOf(look.starts), turn });
    turns.learn(sorted, answer, reached);
    // A turn may have taken operations that are not the oldest.
    look.end(turn === undefined ? answer : undefined);
    return answer;
  } catch (error) {
    look.end();
    throw error;
  }
}

/** Its result says nothing about other parents, so it teaches `starts` and `turns` nothing. */
async function claimWithin(
  database: Pick<Database, "query">,
  { wanted, limit, leaseMs, worker, within }: ClaimCommand,
  now: number | null,
): Promise<ClaimAnswer> {
  const methods = columnsOf(wanted.map((each) => [each.method, Math.max(0, each.limit)]));
  const parameters = [now, ...methods, Math.max(0, limit), leaseMs, worker, within ?? null];
  return answerOf(await database.query(sql.CLAIM_WITHIN, parameters));
}

async function claimFrom(
  database: Pick<Database, "query">,
  { wanted, limit, leaseMs, worker }: ClaimCommand,
  {
    now,
    from,
    turn,
  }: Pick<ClaimSetting, "now"> & { readonly from: string; readonly turn: TurnParameters | undefined },
): Promise<{ readonly answer: ClaimAnswer; readonly reached?: Reached }> {
  const methods = columnsOf(wanted.map((each) => [each.method, Math.max(0, each.limit)]));
  const parameters = [now, ...methods, Math.max(0, limit), leaseMs, worker, from];
  if (turn === undefined) return { answer: answerOf(await database.query(sql.CLAIM, parameters)) };
  const rows = await database.query(sql.CLAIM_IN_TURNS, [...parameters, ...turn]);
  const reached = JSON.parse((rows[0]?.[1] ?? "[]") as string) as Reached;
  return { answer: answerOf(rows.map(([nextTime, , ...row]) => [nextTime, ...row])), reached };
}

/** Every row begins with the next time; the only row of an empty claim has nothing after it. */
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
