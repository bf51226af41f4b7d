import type { SQLInputValue, SQLOutputValue, StatementSync } from "node:sqlite";
import { configureReader, configureWriter } from "./settings.ts";
import { CHECKPOINT } from "./statements-session.ts";

/** Loaded at run time, because Node 20 lacks the module (`core/node-guard.ts`). */
export const { DatabaseSync }: typeof import("node:sqlite") = process.getBuiltinModule("node:sqlite");
export type DatabaseSync = import("node:sqlite").DatabaseSync;

/** The path of a database in memory, which disappears with its connection. */
export const MEMORY = ":memory:";

/** Opens the connection that writes; creates the file if it does not exist. */
export function openForWriting(path: string): DatabaseSync {
  const database = new DatabaseSync(path);
  configureWriter(database);
  return database;
}

/** Opens a read-only connection. */
export function openForReading(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { readOnly: true });
  configureReader(database);
  return database;
}

/**
 * Copies the content of the WAL into the database and empties the WAL. Does nothing for a database
 * in memory.
 */
export function checkpoint(database: DatabaseSync): void {
  database.exec(CHECKPOINT);
}

/**
 * Prepares a statement that returns rows as arrays. The types of `node:sqlite` always describe rows
 * as objects; only this file casts them.
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

/** Yields rows one by one. A caller that stops early does not read the rest. */
export function eachRow(
  statement: StatementSync,
  ...parameters: SQLInputValue[]
): Iterable<readonly SQLOutputValue[]> {
  return statement.iterate(...parameters) as unknown as Iterable<readonly SQLOutputValue[]>;
}
