import type { OperationRow } from "../../wire.ts";

/** A row on the page. It stays in its place even if its operation changes or disappears. */
export interface ShownRow {
  readonly row: OperationRow;
  /** Whether it no longer belongs to the list. */
  readonly gone: boolean;
}

/** The rows on the page, and the number of newer ones. */
export interface Listed {
  readonly shown: readonly ShownRow[];
  /** The number of matching operations that are not shown. */
  readonly newer: number;
  /** Whether there are more of them than were read. */
  readonly newerMore: boolean;
}

const nameOf = (row: OperationRow): string => row.name ?? "";

/** The rows of a first answer. */
export function listed(rows: readonly OperationRow[]): Listed {
  return { shown: rows.map((row) => ({ row, gone: false })), newer: 0, newerMore: false };
}

/**
 * Merges a newer answer: known rows are updated in their places; new rows are counted but not
 * shown.
 *
 * @param answer rows of the same list, in its order, from its beginning
 * @param whole whether the answer is the whole list
 * @param accepts whether the view accepts a row
 */
export function merged(
  before: Listed,
  answer: { readonly rows: readonly OperationRow[]; readonly whole: boolean },
  accepts: (row: OperationRow) => boolean,
): Listed {
  const found = new Map(answer.rows.map((row, index) => [nameOf(row), { row, index }]));
  const known = new Set(before.shown.map(({ row }) => nameOf(row)));
  const lastShown = before.shown.findLastIndex(({ row }) => found.has(nameOf(row)));
  const lastFound = Math.max(-1, ...before.shown.map(({ row }) => found.get(nameOf(row))?.index ?? -1));
  const shown = before.shown.map((each, index) => {
    const row = found.get(nameOf(each.row))?.row;
    if (row !== undefined) return { row, gone: !accepts(row) };
    // An answer that is not the whole list says nothing about rows below its last known row.
    return answer.whole || index < lastShown ? { ...each, gone: true } : each;
  });
  const within = answer.whole || lastFound === -1 ? answer.rows.length : lastFound;
  const newer = answer.rows.slice(0, within).filter((row) => !known.has(nameOf(row)) && accepts(row)).length;
  return { shown, newer, newerMore: lastFound === -1 && !answer.whole && newer > 0 };
}

/** Puts the new state of an operation into its row. */
export function withRow(before: Listed, row: OperationRow): Listed {
  const shown = before.shown.map((each) => (nameOf(each.row) === nameOf(row) ? { ...each, row } : each));
  return { ...before, shown };
}

/** Adds older rows below. */
export function withOlder(before: Listed, rows: readonly OperationRow[]): Listed {
  const known = new Set(before.shown.map(({ row }) => nameOf(row)));
  const added = rows.filter((row) => !known.has(nameOf(row))).map((row) => ({ row, gone: false }));
  return { ...before, shown: [...before.shown, ...added] };
}
