import { limitRow } from "../report/page.ts";
import { figure } from "../report/text.ts";
import { CALLERS } from "./loaded.ts";
import { checksOf, type LoadedRow, type ScaleResult, type StoreResult } from "./result.ts";

const HEAD = `# Performance of many processes

Made by \`npm run bench:scale\` from \`bench/results/scale.json\`; not written by hand. What one process does is on
[another page](performance.md).

${CALLERS} callers, spread over the API processes, each start an operation, wait for it, and begin anew; the handler does nothing. The number of
callers is the same in every row, so that an operation should cost the same in every row. Before they are measured, processes have carried out as many
operations each, since V8 compiles what has run often. All processes, callers and the database share
one machine: the rate says how much of it is left for them, the CPU of an operation what it would cost on machines of their own. Services of all shapes are up at
once, each on a database of its own, and are put under load by turns; a figure is the median of the turns, a ratio the median of the ratios of
the rounds. CPU is read from \`/proc\`.
`;

/** docs/performance-scale.md. */
export function pageOf(result: ScaleResult): string {
  const { size, machine, stores, skipped } = result;
  const rows = Object.entries({
    ...machine,
    ...Object.fromEntries(stores.map((each) => [each.name, each.settings])),
  });
  return [
    HEAD,
    `Measured at ${result.time}, commit ${result.commit}; ${size.rounds} turns of ${size.seconds} s for each row, idle processes watched for ${size.idleSeconds} s.${skipped.map((name) => ` Not measured: ${name}.`).join("")}\n`,
    `| machine | |\n| --- | --- |\n${rows.map(([name, value]) => `| ${name} | ${value} |`).join("\n")}\n`,
    "## Limits\n",
    "| store | figure | value | limit | |\n| --- | --- | --: | --: | --- |",
    `${stores.flatMap((store) => checksOf(store).map((check) => limitRow(store.name, check))).join("\n")}\n`,
    ...stores.flatMap((store) => [`## ${store.name}\n`, `${tableOf(store)}\n`, ...notesOf(store)]),
  ].join("\n");
}

/** The figures of a store; read well in a terminal too. */
export function tableOf({ counts, rows }: StoreResult): string {
  const columns: readonly (readonly [string, (row: LoadedRow) => string])[] = [
    ["API + worker processes", ({ apis, workers }) => `${apis} + ${workers}`],
    ["operations/s", ({ perSecond }) => figure(perSecond)],
    ["p50 ms", ({ p50Ms }) => figure(p50Ms)],
    ["p99 ms", ({ p99Ms }) => figure(p99Ms)],
    ["our CPU µs", ({ ours }) => figure(ours)],
    ["database's CPU µs", ({ database }) => figure(database)],
    [counts, ({ counted }) => figure(counted)],
  ];
  const cells = [columns.map(([head]) => head), ...rows.map((row) => columns.map(([, cell]) => cell(row)))];
  const widths = columns.map((_, index) => Math.max(...cells.map((row) => row[index]?.length ?? 0)));
  const lines = cells.map((row) => row.map((cell, index) => cell.padStart(widths[index] ?? 0)));
  const rule = widths.map((width) => `${"-".repeat(width - 1)}:`);
  return [lines[0] ?? [], rule, ...lines.slice(1)].map((line) => `| ${line.join(" | ")} |`).join("\n");
}

function notesOf({ counts }: StoreResult): readonly string[] {
  return counts === "statements"
    ? []
    : [
        "Transactions are those of the coordinator. What its upkeep does in a database that nobody uses is taken off those of idle processes.\n",
      ];
}
