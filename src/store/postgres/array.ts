import { shardOf } from "../../core/id.ts";

/** A value of a column, as text where it is none. PostgreSQL reads `true` and `false`, and numbers, in any column. */
export type Cell = string | number | boolean | null;

/**
 * The rows of a batch as PostgreSQL's text of arrays, one a column: the driver sends texts as they are, and would take
 * longer to find out what is in an array.
 *
 * @see https://www.postgresql.org/docs/current/arrays.html#ARRAYS-IO
 */
export function columnsOf(rows: readonly (readonly Cell[])[]): string[] {
  const width = rows[0]?.length ?? 0;
  return Array.from({ length: width }, (_, column) => arrayOf(rows.map((row) => row[column] ?? null)));
}

/** One column. */
export function arrayOf(cells: readonly Cell[]): string {
  let text = "{";
  for (const [index, cell] of cells.entries()) text += (index === 0 ? "" : ",") + element(cell);
  return `${text}}`;
}

/** The two columns by which rows of a batch are found. */
export function keysOf(ids: readonly string[]): string[] {
  return columnsOf(ids.map((id) => [shardOf(id), id]));
}

function element(cell: Cell): string {
  if (cell === null) return "NULL";
  if (typeof cell !== "string") return String(cell);
  return cell.includes('"') || cell.includes("\\")
    ? `"${cell.replaceAll(/["\\]/g, String.raw`\$&`)}"`
    : `"${cell}"`;
}
