/**
 * The lines of a table: columns as wide as their widest cell, two spaces between them.
 *
 * @param columns the width of the terminal, to which the last column is cut; the others are never
 * cut, least of all names
 * @param paint colours the cells of a column after the widths were computed
 */
export function tableLines(
  rows: readonly (readonly string[])[],
  options: {
    readonly columns?: number;
    readonly paint?: (cell: string, row: number, column: number) => string;
  } = {},
): readonly string[] {
  const { columns = Number.POSITIVE_INFINITY, paint = (cell: string) => cell } = options;
  const widths: number[] = [];
  for (const row of rows)
    row.forEach((cell, column) => (widths[column] = Math.max(widths[column] ?? 0, cell.length)));
  const before = widths.slice(0, -1).reduce((sum, width) => sum + width + 2, 0);
  return rows.map((row, rowIndex) =>
    row
      .map((cell, column) => {
        const isLast = column === row.length - 1;
        const shown = isLast ? cut(cell, Math.max(columns - before, 8)) : cell;
        const gap = isLast ? "" : " ".repeat((widths[column] ?? 0) - cell.length + 2);
        return paint(shown, rowIndex, column) + gap;
      })
      .join("")
      .trimEnd(),
  );
}

/** Text of at most `width` characters, with an ellipsis if it was cut. */
export function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(width - 1, 0))}…`;
}
