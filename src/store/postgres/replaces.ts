import { isDeepStrictEqual } from "node:util";
import type { Operation } from "../../core/operation.ts";
import type { ReplaceAnswer, ReplaceCommand } from "../../core/store.ts";
import { changeOf } from "../cells.ts";
import { columnsOf, keysOf } from "./array.ts";
import type { Query } from "./database.ts";
import { type Answered, noticeColumns, type Telling } from "./inserts.ts";
import { lock, passOn } from "./places.ts";
import { toOperation, toReplaceRow } from "./row.ts";
import * as sql from "./statements.ts";

/**
 * Replaces records that nobody wrote in between, in one statement.
 *
 * @param how.isRepeated an earlier try may have replaced them: the whole record tells
 */
export async function replaceAll(
  query: Query,
  commands: readonly ReplaceCommand[],
  how: { readonly isRepeated: boolean; readonly telling?: Telling | undefined },
): Promise<readonly Answered<ReplaceAnswer>[]> {
  const columns = columnsOf(commands.map(toReplaceRow));
  const telling = how.isRepeated ? undefined : how.telling;
  const notices = telling?.noticesOf(commands.map(({ next }) => changeOf(next))) ?? [];
  const rows =
    telling === undefined
      ? await query(sql.REPLACE, columns)
      : await query(sql.REPLACE_AND_TELL, [...columns, ...noticeColumns(notices)]);
  const told = rows.length === commands.length && notices.length > 0;
  const replaced = new Set(rows.map(([id]) => id));
  const others = commands.filter(({ next }) => !replaced.has(next.id)).map(({ next }) => next);
  if (how.isRepeated && others.length > 0) {
    for (const id of await writtenBefore(query, others)) replaced.add(id);
  }
  return commands.map(({ next }) =>
    replaced.has(next.id)
      ? { answer: { replaced: true }, changes: [changeOf(next)], told }
      : { answer: { replaced: false }, changes: [] },
  );
}

/** Replaces records that give up places, in a transaction: each place is passed on. */
export async function replaceWithPlaces(
  query: Query,
  commands: readonly ReplaceCommand[],
  isRepeated: boolean,
): Promise<readonly Answered<ReplaceAnswer>[]> {
  const keys = commands.map(({ next }) => ({ method: next.method, key: next.parallelKey ?? "" }));
  await lock(query, keys);
  const answers = await replaceAll(query, commands, { isRepeated });
  const freed = keys.filter((_, index) => answers[index]?.answer.replaced === true);
  const unblocked = isRepeated ? [] : await passOn(query, freed);
  return answers.map((each, index) => ({
    ...each,
    changes: index === answers.length - 1 ? [...each.changes, ...unblocked] : each.changes,
  }));
}

/** Ids of records that are, but for their leases, what a try of ours was to write. */
async function writtenBefore(query: Query, records: readonly Operation[]): Promise<readonly string[]> {
  const rows = await query(sql.READ, keysOf(records.map(({ id }) => id)));
  const found = new Map(rows.map(toOperation).map((each) => [each.id, each]));
  return records
    .filter((each) =>
      isDeepStrictEqual({ ...found.get(each.id), leaseTime: null }, { ...each, leaseTime: null }),
    )
    .map(({ id }) => id);
}
