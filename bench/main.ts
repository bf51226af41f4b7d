import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fsyncMs } from "./fsync.ts";
import { findGenerator } from "./load/generator.ts";
import { FULL, isReached, type Measure, type Setting, SHORT, type Size } from "./measure.ts";
import { access } from "./measures/access.ts";
import { disk } from "./measures/disk.ts";
import { encryption } from "./measures/encryption.ts";
import { get16KiB, get2KiB, getArchive, getFinished, getRunning } from "./measures/get.ts";
import { grpcGet } from "./measures/grpc-get.ts";
import { grpcWaiters } from "./measures/grpc-waiters.ts";
import { parkedClaims } from "./measures/parked-claims.ts";
import { protoGet } from "./measures/proto-get.ts";
import { proxy } from "./measures/proxy.ts";
import { quotas } from "./measures/quotas.ts";
import { refusals } from "./measures/refusals.ts";
import { roundTrip } from "./measures/round-trip.ts";
import { sharedPort } from "./measures/shared-port.ts";
import { startUp } from "./measures/start-up.ts";
import { starts } from "./measures/starts.ts";
import { statistics } from "./measures/statistics.ts";
import { getStored, listPages } from "./measures/stored.ts";
import { lostLeases, purge, restart } from "./measures/sweep.ts";
import { turns } from "./measures/turns.ts";
import { waiters } from "./measures/waiters.ts";
import { watchers } from "./measures/watchers.ts";
import { buildProgram } from "./processes/build.ts";
import { pageOf } from "./report/page.ts";
import { type BenchResult, commitOf, machineOf, type MeasuredResult } from "./report/result.ts";
import { textOf } from "./report/text.ts";
import { countOf, readCommandLine, refuse } from "../test/support/command-line.ts";

const MEASURES: readonly Measure[] = [
  getFinished,
  get2KiB,
  get16KiB,
  getArchive,
  getRunning,
  grpcGet,
  sharedPort,
  access,
  refusals,
  quotas,
  proxy,
  protoGet,
  getStored,
  listPages,
  starts,
  roundTrip,
  statistics,
  encryption,
  waiters,
  watchers,
  grpcWaiters,
  parkedClaims,
  disk,
  startUp,
  lostLeases,
  restart,
  purge,
  turns,
];

const HELP = `Compares the service with bare node:http, with bare @grpc/grpc-js and with limits, at full durability.

  npm run bench -- [--short] [--runs N] [--only NAME] …

  --short      about a minute, with a tenth of the operations: a check that the benchmark works
  --runs N     runs of each measure, of which the median is reported; comparisons have five times as many turns; 3 by default
  --only NAME  one measure: ${MEASURES.map(({ name }) => name).join(", ")}; may be repeated

A complete run replaces bench/results/latest.json and docs/performance.md; any other run
writes bench/results/partial.json. Exits with 1 if a measure fails, and with 0 even if a limit is missed.
`;

const { values } = readCommandLine(HELP, {
  options: {
    short: { type: "boolean", default: false },
    runs: { type: "string" },
    only: { type: "string", multiple: true },
  },
});

await bench();

async function bench(): Promise<void> {
  const chosen = MEASURES.filter(({ name }) => values.only?.includes(name) ?? true);
  const unknown = values.only?.find((name) => !MEASURES.some((each) => each.name === name));
  if (unknown !== undefined) refuse(`There is no measure ${JSON.stringify(unknown)}.`);
  const base = values.short ? SHORT : FULL;
  const runs = values.runs === undefined ? undefined : countOf("runs", values.runs, 1);
  const size = runs === undefined ? base : { ...base, runs, rounds: 5 * runs };
  const folder = mkdtempSync(join(tmpdir(), "longrunning-bench-"));
  try {
    const result = await measureAll(chosen, size, folder);
    keep(result, !values.short && values.only === undefined);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measureAll(chosen: readonly Measure[], size: Size, folder: string): Promise<BenchResult> {
  const generator = await findGenerator(folder);
  const machine = machineOf(generator.name, fsyncMs(folder));
  told(
    Object.entries(machine)
      .map(([name, value]) => `${name}: ${value}`)
      .join("\n"),
  );
  const setting = { size, generator, folder, program: buildProgram() };
  const measures: MeasuredResult[] = [];
  for (const measure of chosen) {
    const measured = await resultOf(measure, setting);
    told(textOf(measured));
    if (measured.failure !== undefined) process.exitCode = 1;
    measures.push(measured);
  }
  const checks = measures.flatMap(({ finding }) => finding?.checks ?? []);
  told(`\n${checks.filter(isReached).length} of ${checks.length} limits reached`);
  return { time: new Date().toISOString(), commit: commitOf(), machine, size, measures };
}

async function resultOf(measure: Measure, setting: Setting): Promise<MeasuredResult> {
  const { name, title } = measure;
  const began = performance.now();
  const seconds = (): number => (performance.now() - began) / 1_000;
  try {
    const finding = await measure.run(setting);
    return { name, title, seconds: seconds(), finding };
  } catch (error) {
    const failure = error instanceof Error ? error.message : String(error);
    return { name, title, seconds: seconds(), failure };
  }
}

/** Five digits mean something, and the file stays readable. */
function rounded(_: string, value: unknown): unknown {
  return typeof value === "number" ? Number(value.toPrecision(5)) : value;
}

function keep(result: BenchResult, whole: boolean): void {
  const results = join(import.meta.dirname, "results");
  mkdirSync(results, { recursive: true });
  const json = `${JSON.stringify(result, rounded, 2)}\n`;
  writeFileSync(join(results, whole ? "latest.json" : "partial.json"), json);
  if (!whole) return;
  const page = pageOf(JSON.parse(json) as BenchResult);
  writeFileSync(join(import.meta.dirname, "..", "docs", "performance.md"), page);
}

function told(text: string): void {
  process.stdout.write(`${text}\n`);
}
