import { readFileSync } from "node:fs";

/** A column: its table, name and type, with `, null` if it may be null. */
export type Column = readonly [table: string, name: string, type: string];

const PAGE = new URL("../../../docs/tables.md", import.meta.url);
const CELL = { postgres: 2, sqlite: 3 } as const;

/** The columns that docs/tables.md has for a store, sorted by table and name. */
export function documentedColumns(dialect: keyof typeof CELL): readonly Column[] {
  const sections = readFileSync(PAGE, "utf8").split("\n## ").slice(1);
  const columns = sections.flatMap((section) => {
    const table = section.slice(0, section.indexOf("\n"));
    const rows = section.split("\n").filter((line) => line.startsWith("| `"));
    return rows.map((row): Column => {
      const cells = row.split("|").map((cell) => cell.trim());
      return [table, cells[1]?.replaceAll("`", "") ?? "", cells[CELL[dialect]] ?? ""];
    });
  });
  return sorted(columns.filter(([, , type]) => type !== "–"));
}

/** Columns by table and name. */
export function sorted(columns: readonly Column[]): readonly Column[] {
  const keyOf = ([table, name]: Column): string => `${table} ${name}`;
  return columns.toSorted((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1));
}

/** The statements that the page shows for a store. */
export function documentedStatements(dialect: keyof typeof CELL): readonly string[] {
  const blocks = readFileSync(PAGE, "utf8").matchAll(/^```sql\n([^]*?)^```/gm);
  const [postgres = "", sqlite = ""] = Array.from(blocks, ([, text]) => text ?? "");
  const text = dialect === "postgres" ? postgres : sqlite;
  return text.split(";\n").filter((statement) => statement.trim() !== "");
}
