import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fsyncMs } from "../fsync.ts";
import { isReached } from "../measure.ts";
import { buildProgram } from "../processes/build.ts";
import { commitOf, machineOf } from "../report/result.ts";
import { figure, limitOf } from "../report/text.ts";
import { FURTHER, runFurther } from "./further.ts";
import { installPeers } from "./install.ts";
import { PEERS } from "./peers.ts";
import { checksOf } from "./report/checks.ts";
import { merged } from "./report/merged.ts";
import { pageOf } from "./report/page.ts";
import { plotOf } from "./report/plot.ts";
import type { PeersResult } from "./report/result.ts";
import { runRounds } from "./rounds.ts";
import { FULL, type PeersSize, SHORT } from "./size.ts";
import { Stores } from "./stores.ts";
import { countOf, readCommandLine, refuse } from "../../test/support/command-line.ts";

const ROUNDS = "rounds";
const HELP = `Gives the same work to longrunning and to its alternatives, one after the other, on this machine.

  npm run bench:peers -- [--short] [--rounds N] [--peers NAME]… [--only NAME]… [--page]

  --short       some seconds for each: a check that the benchmark works
  --rounds N    turns of each peer, of which the median is reported; 3 by default
  --peers NAME  one peer: ${PEERS.map(({ name }) => name).join(", ")};
                may be repeated; runs only the rounds, unless --only names more parts
  --only NAME   one part: ${[ROUNDS, ...FURTHER.map(({ name }) => name)].join(", ")};
                may be repeated. All but ${ROUNDS} measure only longrunning on PostgreSQL
  --page        after a run with --only, replaces these parts on the existing page; not after a short run, nor after
                one with some peers, because peers are compared within one run

The peers are installed with npm into a folder of their own, bench/peers/.installed, and redis-server with apt-get if
this is root. A complete run replaces bench/results/peers.json, docs/performance-peers.md and its plot; any other
run writes bench/results/peers-partial.json. Exits with 1 if a peer or a measure fails, and with 0 even if a limit is
missed. A peer that is not available here is skipped by name.
`;

const { values } = readCommandLine(HELP, {
  options: {
    short: { type: "boolean", default: false },
    rounds: { type: "string" },
    peers: { type: "string", multiple: true },
    only: { type: "string", multiple: true },
    page: { type: "boolean", default: false },
  },
});

await bench();

async function bench(): Promise<void> {
  const peers = chosenOf(PEERS, values.peers);
  // Naming peers implies the rounds.
  const only = values.only ?? (values.peers === undefined ? undefined : [ROUNDS]);
  const parts = chosenOf([{ name: ROUNDS }, ...FURTHER], only).map(({ name }) => name);
  const base = values.short ? SHORT : FULL;
  const size = values.rounds === undefined ? base : { ...base, rounds: countOf("rounds", values.rounds, 1) };
  const folder = mkdtempSync(join(tmpdir(), "longrunning-peers-"));
  const stores = new Stores(folder);
  try {
    keep(await measured({ peers, parts, size, stores, folder }));
  } finally {
    await stores.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Chosen {
  readonly peers: typeof PEERS;
  readonly parts: readonly string[];
  readonly size: PeersSize;
  readonly stores: Stores;
  readonly folder: string;
}

async function measured({ peers, parts, size, stores, folder }: Chosen): Promise<PeersResult> {
  tell("Installing the peers");
  installPeers();
  tell("Building the program");
  const common = { program: buildProgram(), folder, size, stores, tell };
  const machine = machineOf("from this repository, one process", fsyncMs(folder));
  const further = FURTHER.filter(({ name }) => parts.includes(name));
  const results = parts.includes(ROUNDS) ? await runRounds({ peers, ...common }) : [];
  const measures = await runFurther({ further, ...common });
  const time = new Date().toISOString();
  return { time, commit: commitOf(), machine, size, stores: stores.settings(), peers: results, measures };
}

/** The named ones; all without names. Ends the process if there is no such name. */
function chosenOf<Named extends { readonly name: string }>(
  all: readonly Named[],
  names: readonly string[] | undefined,
): readonly Named[] {
  const unknown = names?.find((name) => !all.some((each) => each.name === name));
  if (unknown !== undefined) refuse(`There is no ${JSON.stringify(unknown)}.`);
  return all.filter(({ name }) => names?.includes(name) ?? true);
}

/** Five digits are meaningful, and the file stays readable. */
function rounded(_: string, value: unknown): unknown {
  return typeof value === "number" ? Number(value.toPrecision(5)) : value;
}

function keep(result: PeersResult): void {
  for (const check of checksOf(result.peers)) {
    const verdict = isReached(check) ? "reached" : "MISSED ";
    tell(`  ${verdict}  ${check.what.padEnd(50)}${figure(check.value).padStart(9)}   ${limitOf(check)}`);
  }
  const failed = [...result.peers, ...result.measures].filter((each) => each.failure !== undefined);
  if (failed.length > 0) process.exitCode = 1;
  const whole = !values.short && values.peers === undefined && values.only === undefined;
  const results = join(import.meta.dirname, "..", "results");
  mkdirSync(results, { recursive: true });
  const paged = whole || (values.page && !values.short && values.peers === undefined);
  const kept = join(results, "peers.json");
  const all =
    whole || !paged ? result : merged(JSON.parse(readFileSync(kept, "utf8")) as PeersResult, result);
  const json = `${JSON.stringify(all, rounded, 2)}\n`;
  writeFileSync(join(results, paged ? "peers.json" : "peers-partial.json"), json);
  if (!paged) return;
  const docs = join(import.meta.dirname, "..", "..", "docs");
  writeFileSync(join(docs, "performance-peers.md"), pageOf(JSON.parse(json) as PeersResult));
  writeFileSync(join(docs, "performance-peers.svg"), plotOf(all.peers));
}

function tell(text: string): void {
  process.stdout.write(`${text}\n`);
}
