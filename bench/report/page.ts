import { type Check, isReached } from "../measure.ts";
import type { BenchResult, MeasuredResult } from "./result.ts";
import { figure, limitOf } from "./text.ts";

const HEAD = `# Performance

Made by \`npm run bench\` from \`bench/results/latest.json\`; not written by hand.

Server and load generator are separate processes on one machine. Durability is the default: SQLite with
\`synchronous=FULL\`, and nothing is acknowledged before the commit that holds it. The peer is bare \`node:http\`, or
bare \`@grpc/grpc-js\`, that answers the same bytes in the same run, by turns with ours. Each figure is the median of the runs or turns; a ratio is the median of
the ratios of the turns, each of which had both. CPU is that of the server's whole
process, all threads, asked of the process itself: noise and a slow generator cannot fake it.

Other systems are measured on [a page of their own](performance-peers.md), many processes on [another](performance-scale.md).
`;

const TAIL = `## What the figures do not show

- Network: everything goes over the loopback device.
- A machine of its own for the server: it shares its processors with the load generator, which lowers its throughput. The
  CPU of a request does not change by that.
- Handlers: those here end at once. What yours cost comes on top.
- Large payloads: those here have some hundred bytes, or two thousand.
- A disk that is slower or faster at fsync than this one: starts and round trips go with it.
`;

/** docs/performance.md. */
export function pageOf(result: BenchResult): string {
  const machine = Object.entries(result.machine).map(([name, value]) => `| ${name} | ${value} |`);
  return [
    HEAD,
    `Measured at ${result.time}, commit ${result.commit}; ${settingsOf(result)}.\n`,
    "| machine | |\n| --- | --- |",
    `${machine.join("\n")}\n`,
    "## Limits\n",
    "| measure | figure | value | limit | |\n| --- | --- | --: | --: | --- |",
    `${result.measures.flatMap(limitRows).join("\n")}\n`,
    "## Figures\n",
    ...result.measures.map(sectionOf),
    TAIL,
  ].join("\n");
}

function settingsOf({ size }: BenchResult): string {
  return `${size.runs} runs of each measure, ${size.rounds} turns of ${size.seconds} s for each server in a comparison, ${figure(size.stored)} operations stored`;
}

function limitRows({ name, finding, failure }: MeasuredResult): readonly string[] {
  if (failure !== undefined) return [`| ${name} | failed | | | |`];
  return (finding?.checks ?? []).map((check) => limitRow(name, check));
}

/** A row of the table of limits. @param name the measure's */
export function limitRow(name: string, check: Check): string {
  const verdict = isReached(check) ? "reached" : "**missed**";
  return `| ${name} | ${check.what} | ${figure(check.value)} | ${limitOf(check)} | ${verdict} |`;
}

/** The section of one measure. */
export function sectionOf({ name, title, finding, failure, commit }: MeasuredResult): string {
  const rows = Object.entries(finding?.figures ?? {}).map(
    ([what, value]) => `| ${what} | ${figure(value)} |`,
  );
  const table = failure ?? ["| | |\n| --- | --: |", ...rows].join("\n");
  const notes = (finding?.notes ?? []).map((note) => `${note}\n`);
  const of = commit === undefined ? [] : [`Measured by itself, commit ${commit}.\n`];
  return [`### ${name}\n`, `${title}.\n`, `${table}\n`, ...notes, ...of].join("\n");
}
