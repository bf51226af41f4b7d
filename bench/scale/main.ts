import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CITUS_URL, NO_CITUS } from "../../test/support/citus.ts";
import { fsyncMs } from "../fsync.ts";
import { isReached } from "../measure.ts";
import { buildProgram, type BuiltProgram } from "../processes/build.ts";
import { commitOf, machineOf } from "../report/result.ts";
import { figure, limitOf } from "../report/text.ts";
import { measureIdle } from "./idle.ts";
import { measureLoaded } from "./loaded.ts";
import { pageOf, tableOf } from "./page.ts";
import { checksOf, type ScaleResult, type StoreResult } from "./result.ts";
import { FULL, type ScaleSize, SHORT } from "./size.ts";
import { citusStore, postgresStore } from "./stores.ts";
import { countOf, readCommandLine, refuse } from "../../test/support/command-line.ts";

const STORES = { postgres: postgresStore, citus: citusStore } as const;

const HELP = `Measures the cost of an operation with 1, 2 and 4 API and worker processes on one database, and of idle processes.

  npm run bench:scale -- [--short] [--rounds N] [--store postgres|citus] [--json]

  --short       about a minute for each store: a check that the benchmark works
  --rounds N    turns of each row, of which the median is reported; ${FULL.rounds} by default
  --store NAME  one store only
  --json        prints only the result, as JSON

Citus is measured if CITUS_URL is the address of a database on a coordinator; its CPU, if its nodes are on this machine.
A run of all available stores replaces bench/results/scale.json and docs/performance-scale.md; any other run writes
bench/results/scale-partial.json. Exits with 0 even if a limit is missed.
`;

const { values } = readCommandLine(HELP, {
  options: {
    short: { type: "boolean", default: false },
    rounds: { type: "string" },
    store: { type: "string" },
    json: { type: "boolean", default: false },
  },
});

await bench();

async function bench(): Promise<void> {
  const base = values.short ? SHORT : FULL;
  const size = values.rounds === undefined ? base : { ...base, rounds: countOf("rounds", values.rounds, 1) };
  const names = Object.keys(STORES).filter((name) => values.store === undefined || values.store === name);
  if (names.length === 0) refuse(`There is no store ${JSON.stringify(values.store)}.`);
  const folder = mkdtempSync(join(tmpdir(), "longrunning-scale-"));
  try {
    keep(await measureAll(names as (keyof typeof STORES)[], size, folder));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measureAll(
  names: readonly (keyof typeof STORES)[],
  size: ScaleSize,
  folder: string,
): Promise<ScaleResult> {
  const machine = machineOf("from this repository, one process", fsyncMs(folder));
  const program = buildProgram();
  const stores: StoreResult[] = [];
  const skipped: string[] = [];
  for (const name of names) {
    if (name === "citus" && CITUS_URL === undefined) {
      tell(`\ncitus: skipped: ${NO_CITUS}`);
      skipped.push("Citus");
    } else stores.push(await measured(name, { program, folder, size }));
  }
  return { time: new Date().toISOString(), commit: commitOf(), machine, size, stores, skipped };
}

async function measured(
  name: keyof typeof STORES,
  parts: { readonly program: BuiltProgram; readonly folder: string; readonly size: ScaleSize },
): Promise<StoreResult> {
  const { program, size } = parts;
  await using store = await STORES[name]();
  const loaded = await measureLoaded(store, program, size);
  const idle = await measureIdle(store, parts, size);
  const { settings, counts } = store;
  const result: StoreResult = { name: store.name, settings, counts, ...loaded, idle };
  tell(`\n${result.name}: ${settings}\n\n${tableOf(result)}\n`);
  for (const check of checksOf(result)) {
    const verdict = isReached(check) ? "reached" : "MISSED ";
    tell(`  ${verdict}  ${check.what.padEnd(75)}${figure(check.value).padStart(8)}   ${limitOf(check)}`);
  }
  return result;
}

/** Five digits mean something, and the file stays readable. */
function rounded(_: string, value: unknown): unknown {
  return typeof value === "number" ? Number(value.toPrecision(5)) : value;
}

function keep(result: ScaleResult): void {
  const whole = !values.short && values.store === undefined;
  const results = join(import.meta.dirname, "..", "results");
  mkdirSync(results, { recursive: true });
  const json = `${JSON.stringify(result, rounded, 2)}\n`;
  writeFileSync(join(results, whole ? "scale.json" : "scale-partial.json"), json);
  if (values.json) process.stdout.write(json);
  if (!whole) return;
  const page = join(import.meta.dirname, "..", "..", "docs", "performance-scale.md");
  writeFileSync(page, pageOf(JSON.parse(json) as ScaleResult));
}

function tell(text: string): void {
  if (!values.json) process.stdout.write(`${text}\n`);
}
