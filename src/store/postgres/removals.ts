import type { RemoveAnswer, RemoveCommand } from "../../core/ports/store.ts";
import { columnsOfElements } from "./array.ts";
import type { Query, Row } from "./database.ts";
import type { Answered } from "./inserts.ts";
import type { Key } from "./places.ts";
import { noteWritten, type Prepared } from "./prepared.ts";
import { toChange } from "./row.ts";
import * as sql from "./statements.ts";

/**
 * The result of a removal. `key`: the record still exists and must be removed in a transaction that
 * locks this key; null if it has none.
 */
export type Removed = (Answered<RemoveAnswer> & { readonly key?: undefined }) | { readonly key: Key | null };

/**
 * Removes records that hold no place and together with which nothing is stored, in one statement.
 * If the answer to an earlier attempt was lost, the missing record shows that it succeeded.
 */
export async function removeAll(
  query: Query,
  removals: readonly Prepared<RemoveCommand>[],
): Promise<readonly Removed[]> {
  const alone = removals.filter(({ along }) => along.length === 0);
  const removed =
    alone.length === 0
      ? new Map<string, Row>()
      : byId(await query(sql.REMOVE_FREE, columnsOfElements(alone.map(({ row }) => row))));
  for (const removal of removals) if (removed.has(removal.command.id)) noteWritten(removal);
  const others = removals.filter(({ command }) => !removed.has(command.id));
  const kept =
    others.length === 0
      ? new Map<string, Row>()
      : byId(await query(sql.KEY_OF, columnsOfElements(others.map(({ row }) => row.slice(0, 2)))));
  return removals.map(({ command, isRepeated, along }) => {
    const row = removed.get(command.id);
    if (row !== undefined) return { answer: { removed: true }, changes: [toChange(row, true)] };
    const found = kept.get(command.id);
    if (found === undefined) return { answer: { removed: isRepeated && along.length === 0 }, changes: [] };
    const [, parent, method, key] = found;
    if (parent !== command.parent) return { answer: { removed: false }, changes: [] };
    return { key: typeof key === "string" ? { method: String(method), key } : null };
  });
}

/**
 * Removes records whose keys are locked, in one statement. @returns the answers in their order, and
 * whether each record held a place
 */
export async function removeLocked(
  query: Query,
  removals: readonly Prepared<RemoveCommand>[],
): Promise<readonly (Answered<RemoveAnswer> & { readonly freed: boolean })[]> {
  const removed = byId(await query(sql.REMOVE, columnsOfElements(removals.map(({ row }) => row))));
  const repeated = removals.filter(({ command, isRepeated }) => isRepeated && !removed.has(command.id));
  const kept =
    repeated.length === 0
      ? new Map<string, Row>()
      : byId(await query(sql.KEY_OF, columnsOfElements(repeated.map(({ row }) => row.slice(0, 2)))));
  return removals.map(({ command: { id }, isRepeated }) => {
    const row = removed.get(id);
    if (row === undefined) {
      return { answer: { removed: isRepeated && !kept.has(id) }, changes: [], freed: false };
    }
    return { answer: { removed: true }, changes: [toChange(row, true)], freed: row[6] === true };
  });
}

function byId(rows: readonly Row[]): ReadonlyMap<string, Row> {
  return new Map(rows.map((row) => [String(row[0]), row]));
}
