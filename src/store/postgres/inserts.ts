import { shardOf } from "../../core/operation/id.ts";
import { invariant } from "../../core/invariant.ts";
import type { Operation } from "../../core/operation/operation.ts";
import type { Change, InsertAnswer, InsertCommand } from "../../core/ports/store.ts";
import { changeOf } from "../cells.ts";
import { arrayOf, columnsOf, columnsOfElements, type Elements, keysOf } from "./array.ts";
import type { Query } from "./database.ts";
import type { Key } from "./places.ts";
import { noteWritten, type Prepared } from "./prepared.ts";
import { toOperation } from "./row.ts";
import { READ } from "./statements.ts";
import * as sql from "./statements-insert.ts";

/** An answer, and the changes for listeners. */
export interface Answered<Answer> {
  readonly answer: Answer;
  readonly changes: readonly Change[];
  /** Whether the write itself notified other processes. @default false */
  readonly told?: boolean;
}

/** Notifies other processes in the statement that writes. */
export interface Telling {
  /** The messages for changes: each the name of a channel and its payload. */
  noticesOf(changes: readonly Change[]): readonly (readonly [channel: string, payload: string])[];
}

/** Stores operations without a limit and without a request id, in one statement. */
export async function insertNew(
  query: Query,
  inserts: readonly Prepared<InsertCommand>[],
  telling: Telling | undefined,
): Promise<readonly Answered<InsertAnswer>[]> {
  const operations = inserts.map(({ command }) => command.operation);
  const notices = telling?.noticesOf(operations.map(changeOf)) ?? [];
  const columns = columnsOfElements(inserts.map(({ row }) => row));
  await query(sql.INSERT_NEW, [...columns, ...noticeColumns(notices)]);
  return operations.map((operation) => ({ ...accepted(operation, false), told: notices.length > 0 }));
}

/** Stores operations without a limit, in one statement. */
export async function insertAll(
  query: Query,
  inserts: readonly Prepared<InsertCommand>[],
): Promise<readonly Answered<InsertAnswer>[]> {
  const stored = await insertRows(
    query,
    inserts.map(({ row }) => row),
  );
  for (const insert of inserts) if (stored.has(insert.command.operation.id)) noteWritten(insert);
  const others = inserts.map(({ command }) => command.operation).filter(({ id }) => !stored.has(id));
  const existing = others.length === 0 ? [] : await existingOf(query, others);
  return inserts.map(({ command: { operation }, isRepeated }) => {
    if (stored.has(operation.id)) return accepted(operation, false);
    return known(operation, existing, isRepeated);
  });
}

/** The two parameters of a statement that notifies. */
export function noticeColumns(notices: ReturnType<Telling["noticesOf"]>): readonly [string, string] {
  return [arrayOf(notices.map(([channel]) => channel)), arrayOf(notices.map(([, payload]) => payload))];
}

/** Stores rows, except those that conflict with existing ones. @returns the stored ids */
export async function insertRows(query: Query, rows: readonly Elements[]): Promise<ReadonlySet<string>> {
  const { shard } = query;
  const columns = columnsOfElements(rows);
  const stored =
    shard === undefined
      ? await query(sql.INSERT, columns)
      : await query(sql.insertText(shard, rows.length), columns.slice(1));
  return new Set(stored.map(([id]) => String(id)));
}

/** The records with the request ids, or the ids, of the operations. */
export async function existingOf(
  query: Query,
  operations: readonly Operation[],
): Promise<readonly Operation[]> {
  const asked = operations.filter(({ requestId }) => requestId !== null);
  const rows = await Promise.all([
    asked.length === 0 ? [] : query(sql.FIND_BY_REQUEST, columnsOf(asked.map(requestKey))),
    query(READ, keysOf(operations.map(({ id }) => id))),
  ]);
  return rows.flat().map(toOperation);
}

function requestKey({ id, parent, method, requestId }: Operation) {
  return [shardOf(id), parent, method, requestId] as const;
}

/** The answer to a start that was stored. @param blocked whether the operation waits for a place */
export function accepted(operation: Operation, blocked: boolean): Answered<InsertAnswer> {
  return { answer: { inserted: true, blocked }, changes: [changeOf(operation)] };
}

/**
 * The record with the same request id, or the operation itself, stored by an attempt that seemed to
 * have failed.
 */
export function recordOf(
  { id, parent, method, requestId }: Operation,
  found: readonly Operation[],
): Operation | undefined {
  const own = found.find((each) => each.id === id);
  if (own !== undefined || requestId === null) return own;
  return found.find(
    (each) => each.parent === parent && each.method === method && each.requestId === requestId,
  );
}

/** The answer to a start whose record exists. @param found see {@link recordOf} */
export function known(
  operation: Operation,
  found: readonly Operation[],
  isRepeated: boolean,
): Answered<InsertAnswer> {
  const existing = recordOf(operation, found);
  // If the record was removed between the two statements there is nothing to return; the caller's
  // next attempt stores the operation.
  if (existing === undefined) throw Object.assign(new Error("A record was removed meanwhile"), VANISHED);
  if (existing.id !== operation.id) return { answer: { inserted: false, existing }, changes: [] };
  invariant(isRepeated, `an id is made once; ${operation.id} exists`);
  return accepted(operation, existing.blocked);
}

/** Treated as a conflict with another transaction, which it is. */
const VANISHED = { name: "PostgresError", code: "40001" } as const;

/** The key that limits an operation. */
export function keyOf({ method, parallelKey }: Operation): Key {
  invariant(parallelKey !== null, "an operation with a limit has a key");
  return { method, key: parallelKey };
}
