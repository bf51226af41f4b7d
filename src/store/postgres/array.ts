import { shardOf } from "../../core/operation/id.ts";
import { invariant } from "../../core/invariant.ts";

/** A value of a column, as text where it is none. PostgreSQL reads `true` and `false`, and numbers, in any column. */
export type Cell = string | number | boolean | null;

/** A row as elements of PostgreSQL's text of arrays, one a column. */
export type Elements = readonly string[];

/**
 * The rows of a batch as PostgreSQL's text of arrays, one a column: the driver sends texts as they are, and would take
 * longer to find out what is in an array.
 *
 * @throws {InvariantError} for a value that no column can hold
 * @see https://www.postgresql.org/docs/current/arrays.html#ARRAYS-IO
 */
export function columnsOf(rows: readonly (readonly Cell[])[]): string[] {
  return columnsOfElements(rows.map(elementsOf));
}

/** The same from rows that have been written as elements. */
export function columnsOfElements(rows: readonly Elements[]): string[] {
  const width = rows[0]?.length ?? 0;
  return Array.from({ length: width }, (_, column) => `{${rows.map((row) => row[column]).join(",")}}`);
}

/** One row. @throws {InvariantError} for a value that no column can hold, so that it fails alone and not with its batch */
export function elementsOf(row: readonly Cell[]): Elements {
  return row.map(element);
}

/** One column. */
export function arrayOf(cells: readonly Cell[]): string {
  return `{${cells.map(element).join(",")}}`;
}

/** The two columns by which rows of a batch are found. */
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
