import { shardOf } from "../../core/operation/id.ts";
import { invariant } from "../../core/invariant.ts";
import type { Operation } from "../../core/operation/operation.ts";
import type { Change, InsertAnswer, InsertCommand } from "../../core/ports/store.ts";
import { changeOf } from "../cells.ts";
import { arrayOf, columnsOf, columnsOfElements, type Elements, elementsOf, keysOf } from "./array.ts";
import type { Query } from "./database.ts";
import { type Key, lock, placesOf, unblock } from "./places.ts";
import { noteWritten, type Prepared } from "./prepared.ts";
import { toInsertRow, toOperation } from "./row.ts";
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

/** Stores an operation with a key, in its own transaction. */
export async function insertWithPlace(
  query: Query,
  insert: Prepared<InsertCommand>,
): Promise<Answered<InsertAnswer>> {
  await lock(query, [keyOf(insert.command.operation)]);
  return insertLocked(query, insert);
}

/** The two parameters of a statement that notifies. */
export function noticeColumns(notices: ReturnType<Telling["noticesOf"]>): readonly [string, string] {
  return [arrayOf(notices.map(([channel]) => channel)), arrayOf(notices.map(([, payload]) => payload))];
}

/**
 * Stores an operation whose key is locked; earlier operations of the same transaction may have
 * taken places.
 */
export async function insertLocked(
  query: Query,
  { command: { operation, parallel }, row, isRepeated }: Prepared<InsertCommand>,
): Promise<Answered<InsertAnswer>> {
  invariant(parallel !== undefined, "an operation with a key comes with its limit");
  const existing = await existingOf(query, [operation]);
  if (existing.length > 0) return known(operation, existing, isRepeated);
  const key = keyOf(operation);
  const { free, waits } = await placesOf(query, key, parallel.limit);
  const isFree = free > 0 && !waits;
  if (!isFree && parallel.when === "reject")
    return { answer: { inserted: false, occupied: true }, changes: [] };
  const stored = await insertRows(query, [isFree ? row : elementsOf(toInsertRow(operation, true))]);
  if (!stored.has(operation.id)) return known(operation, await existingOf(query, [operation]), isRepeated);
  const unblocked = isFree ? [] : await unblock(query, key, free);
  const { answer, changes } = accepted(
    operation,
    !isFree && !unblocked.some(({ id }) => id === operation.id),
  );
  return { answer, changes: [...changes, ...unblocked] };
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
async function existingOf(query: Query, operations: readonly Operation[]): Promise<readonly Operation[]> {
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

function accepted(operation: Operation, blocked: boolean): Answered<InsertAnswer> {
  return { answer: { inserted: true, blocked }, changes: [changeOf(operation)] };
}

/**
 * The existing record has the same request id, or it is the operation itself, stored by an attempt
 * that seemed to have failed.
 */
function known(
  operation: Operation,
  found: readonly Operation[],
  isRepeated: boolean,
): Answered<InsertAnswer> {
  const own = found.find(({ id }) => id === operation.id);
  invariant(own === undefined || isRepeated, `an id is made once; ${operation.id} exists`);
  if (own !== undefined) return accepted(operation, own.blocked);
  const existing = found.find(
    ({ parent, method, requestId }) =>
      parent === operation.parent && method === operation.method && requestId === operation.requestId,
  );
  // If the record was removed between the two statements there is nothing to return; the caller's
  // next attempt stores the operation.
  if (existing === undefined) throw Object.assign(new Error("A record was removed meanwhile"), VANISHED);
  return { answer: { inserted: false, existing }, changes: [] };
}

/** Treated as a conflict with another transaction, which it is. */
const VANISHED = { name: "PostgresError", code: "40001" } as const;

/** The key that limits an operation. */
export function keyOf({ method, parallelKey }: Operation): Key {
  invariant(parallelKey !== null, "an operation with a limit has a key");
  return { method, key: parallelKey };
}
