import type { SQLInputValue, SQLOutputValue, StatementSync } from "node:sqlite";
import { configureReader, configureWriter } from "./settings.ts";
import { CHECKPOINT } from "./statements-session.ts";

/** Imported when it runs, because Node 20 lacks it (`core/node-guard.ts`). */
export const { DatabaseSync }: typeof import("node:sqlite") = process.getBuiltinModule("node:sqlite");
export type DatabaseSync = import("node:sqlite").DatabaseSync;

/** Where a database lives that is gone with its connection. */
export const MEMORY = ":memory:";

/** The connection that writes; it makes the file if there is none. */
export function openForWriting(path: string): DatabaseSync {
  const database = new DatabaseSync(path);
  configureWriter(database);
  return database;
}

/** A connection that cannot write. */
export function openForReading(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { readOnly: true });
  configureReader(database);
  return database;
}

/** Copies what the WAL holds into the database and empties it. Does nothing in memory. */
export function checkpoint(database: DatabaseSync): void {
  database.exec(CHECKPOINT);
}

/**
 * Statements whose rows are arrays. The types of `node:sqlite` describe rows as objects, whatever the statement is set
 * to; the casts are here and nowhere else.
 */
export function prepareForRows(database: DatabaseSync, text: string): StatementSync {
  const statement = database.prepare(text);
  statement.setReturnArrays(true);
  return statement;
}

/** The first row, or undefined. */
export function rowOf(
  statement: StatementSync,
  ...parameters: SQLInputValue[]
): readonly SQLOutputValue[] | undefined {
  return statement.get(...parameters) as unknown as readonly SQLOutputValue[] | undefined;
}

/** All rows. */
export function rowsOf(
  statement: StatementSync,
  ...parameters: SQLInputValue[]
): readonly (readonly SQLOutputValue[])[] {
  return statement.all(...parameters) as unknown as readonly (readonly SQLOutputValue[])[];
}

/** Rows as they are asked for. Who stops early lets the others be. */
export function eachRow(
  statement: StatementSync,
  ...parameters: SQLInputValue[]
): Iterable<readonly SQLOutputValue[]> {
  return statement.iterate(...parameters) as unknown as Iterable<readonly SQLOutputValue[]>;
}
