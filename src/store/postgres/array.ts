import { shardOf } from "../../core/operation/id.ts";
import { invariant } from "../../core/invariant.ts";

/**
 * A value of a column: a text, unless it is a number, a boolean or null. PostgreSQL reads `true`,
 * `false` and numbers for any column.
 */
export type Cell = string | number | boolean | null;

/** A row as elements of PostgreSQL's array texts, one per column. */
export type Elements = readonly string[];

/**
 * The rows of a batch as PostgreSQL's array texts, one per column. The driver sends texts
 * unchanged, while it takes longer to find the types in an array.
 *
 * @throws {InvariantError} for a value that no column can hold
 * @see https://www.postgresql.org/docs/current/arrays.html#ARRAYS-IO
 */
export function columnsOf(rows: readonly (readonly Cell[])[]): string[] {
  return columnsOfElements(rows.map(elementsOf));
}

/** The same for rows that were already converted to elements. */
export function columnsOfElements(rows: readonly Elements[]): string[] {
  const width = rows[0]?.length ?? 0;
  return Array.from({ length: width }, (_, column) => `{${rows.map((row) => row[column]).join(",")}}`);
}

/**
 * Converts one row. @throws {InvariantError} for a value that no column can hold, so that the row
 * fails alone and not with its batch
 */
export function elementsOf(row: readonly Cell[]): Elements {
  return row.map(element);
}

/** Converts one column. */
export function arrayOf(cells: readonly Cell[]): string {
  return `{${cells.map(element).join(",")}}`;
}

/** The two columns that identify the rows of a batch: shard and id. */
export function keysOf(ids: readonly string[]): string[] {
  return columnsOf(ids.map((id) => [shardOf(id), id]));
}

function element(cell: Cell): string {
  if (cell === null) return "NULL";
  if (typeof cell !== "string") {
    invariant(typeof cell === "boolean" || Number.isSafeInteger(cell), `no column holds ${String(cell)}`);
    return String(cell);
  }
  return cell.includes('"') || cell.includes("\\")
    ? `"${cell.replaceAll(/["\\]/g, String.raw`\$&`)}"`
    : `"${cell}"`;
}
