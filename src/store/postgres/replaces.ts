import { isDeepStrictEqual } from "node:util";
import { isDone, type Operation } from "../../core/operation/operation.ts";
import type { Change, ReplaceAnswer, ReplaceCommand } from "../../core/ports/store.ts";
import { changeOf } from "../cells.ts";
import { columnsOfElements, keysOf } from "./array.ts";
import type { Query } from "./database.ts";
import { type Answered, noticeColumns, type Telling } from "./inserts.ts";
import { noteWritten, type Prepared } from "./prepared.ts";
import { toOperation } from "./row.ts";
import * as sql from "./statements.ts";

/** The result of a replacement. */
export interface Replaced extends Answered<ReplaceAnswer> {
  /** Whether this attempt replaced the record, and not an earlier one. */
  readonly isNew: boolean;
}

/**
 * Replaces records that were not written in between, in one statement. An earlier attempt is
 * recognized by comparing the whole record.
 */
export async function replaceAll(
  query: Query,
  replaces: readonly Prepared<ReplaceCommand>[],
  telling?: Telling,
): Promise<readonly Replaced[]> {
  const columns = columnsOfElements(replaces.map(({ row }) => row));
  const records = replaces.map(({ command }) => command.next);
  const tells = replaces.some(({ isRepeated }) => isRepeated) ? undefined : telling;
  const notices = tells?.noticesOf(records.map(changeOf)) ?? [];
  const rows =
    tells === undefined
      ? await query(sql.REPLACE, columns)
      : await query(sql.REPLACE_AND_TELL, [...columns, ...noticeColumns(notices)]);
  const told = rows.length === replaces.length && notices.length > 0;
  const replaced = new Set(rows.map(([id]) => id));
  for (const replace of replaces) if (replaced.has(replace.command.next.id)) noteWritten(replace);
  const doubtful = replaces.filter(({ isRepeated, command }) => isRepeated && !replaced.has(command.next.id));
  const before = await writtenBefore(
    query,
    doubtful.map(({ command }) => command.next),
  );
  return records.map((next) => {
    const isNew = replaced.has(next.id);
    return isNew || before.has(next.id)
      ? { answer: { replaced: true }, changes: [endOf(next)], told, isNew }
      : { answer: { replaced: false }, changes: [], isNew };
  });
}

/** The announcement of a replaced record, with the record itself if it has ended. */
function endOf(next: Operation): Change {
  return isDone(next) ? { ...changeOf(next), ended: next } : changeOf(next);
}

/** The ids of records that, except for their leases, already equal the records to write. */
async function writtenBefore(query: Query, records: readonly Operation[]): Promise<ReadonlySet<string>> {
  if (records.length === 0) return new Set();
  const rows = await query(sql.READ, keysOf(records.map(({ id }) => id)));
  const found = new Map(rows.map(toOperation).map((each) => [each.id, each]));
  const isWritten = (each: Operation): boolean =>
    isDeepStrictEqual({ ...found.get(each.id), leaseTime: null }, { ...each, leaseTime: null });
  return new Set(records.filter(isWritten).map(({ id }) => id));
}

/** Whether storing the record gives up a place of its method and key. */
export function freesPlace(next: Operation): boolean {
  return isDone(next) && next.parallelKey !== null && !next.blocked;
}
