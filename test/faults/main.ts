import { setTimeout as delay } from "node:timers/promises";
import { seededRandom } from "../../src/testing/seeded-random.ts";
import { FaultBench } from "./bench.ts";
import type { Fault, Figures, StoreName } from "./fault.ts";
import { FAULTS } from "./faults.ts";
import { countOf, readCommandLine, refuse } from "../support/command-line.ts";

const STORES: readonly StoreName[] = ["sqlite", "postgres", "citus"];
/** The store of a run without flags: the tests bring it themselves. */
const USUAL: readonly StoreName[] = ["sqlite", "postgres"];

const HELP = `Breaks servers, workers, databases and networks on purpose, under load, and checks that no acknowledged operation is
lost, no result changes, no operation runs twice at once, and the rate recovers.

  npm run test:faults -- [--short | --long] [--store sqlite|postgres|citus] [--only NAME] [--seed N]

  --short       two API servers and two workers, about nine minutes; the default
  --long        three API servers and four workers, more and longer faults, repeated for an hour
  --minutes N   with --long, the minutes instead of 60
  --store NAME  the faults of one store only. citus requires CITUS_URL, the address of a database on a coordinator; node-stopped
                also requires CITUS_NODE_STOP and CITUS_NODE_START, commands that stop and start one of its worker nodes
  --only NAME   one fault only, or those whose names begin with NAME
  --seed N      repeats the random choices of a run, which prints N at its start

Faults: ${FAULTS.map(({ name }) => name).join(", ")}
`;

const { values } = readCommandLine(HELP, {
  options: {
    short: { type: "boolean", default: false },
    long: { type: "boolean", default: false },
    minutes: { type: "string", default: "60" },
    store: { type: "string" },
    seed: { type: "string" },
    only: { type: "string", default: "" },
  },
});

let isInterrupted = false;

process.exitCode = await runFaults();
// The interrupted fault still waits for its next step, on servers that have ended.
if (isInterrupted) process.exit();

function told(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Runs the requested faults. @returns the exit code */
async function runFaults(): Promise<number> {
  const named = FAULTS.filter(({ name }) => name.startsWith(values.only));
  const stores = values.store === undefined ? USUAL : STORES.filter((store) => store === values.store);
  const rows = stores.flatMap((store) =>
    named.flatMap((fault) => (fault.stores.includes(store) ? [{ store, fault }] : [])),
  );
  if (rows.length === 0) refuse("These arguments choose no fault.");
  const seed = countOf("seed", values.seed ?? String(Date.now() % 1_000_000));
  const minutes = countOf("minutes", values.minutes);
  told(`seed ${seed} (repeat with --seed ${seed})`);
  await using bench = new FaultBench({ isLong: values.long, random: seededRandom(seed), told });
  const interrupted = interruption();
  const until = performance.now() + (values.long ? minutes * 60_000 : 0);
  const tally = { passed: 0, failed: 0 };
  do {
    for (const { store, fault } of rows) {
      if (fault.skip !== undefined) {
        told(`skip  ${fault.name.padEnd(21)} ${fault.skip}`);
        continue;
      }
      bench.store = store;
      const outcome = await Promise.race([attempt(fault, bench), interrupted]);
      if (outcome === "interrupted") return 130;
      tally[outcome]++;
    }
  } while (performance.now() < until);
  told(`${tally.passed} passed, ${tally.failed} failed`);
  return tally.failed > 0 || tally.passed === 0 ? 1 : 0;
}

/** Runs one fault and prints its row. */
async function attempt(fault: Fault, bench: FaultBench): Promise<"passed" | "failed"> {
  const began = performance.now();
  const seconds = (): string => `(${((performance.now() - began) / 1_000).toFixed(1)} s)`;
  try {
    told(`      ${fault.name}`);
    const figures = Object.entries(await withinTime(fault, bench)).map(
      ([what, figure]) => `${what}: ${figure}`,
    );
    told(`ok    ${fault.name.padEnd(21)} ${figures.join(", ")} ${seconds()}`);
    return "passed";
  } catch (error) {
    // A failure because of the interruption is not a finding.
    if (isInterrupted) return "failed";
    const why = error instanceof Error ? error.message : String(error);
    told(`FAIL  ${fault.name.padEnd(21)} ${why} ${seconds()}`);
    return "failed";
  }
}

/** Runs a fault with a time limit, so that a hanging fault does not block the others. */
async function withinTime(fault: Fault, bench: FaultBench): Promise<Figures> {
  const minutes = bench.isLong ? 20 : 3;
  const controller = new AbortController();
  const late = delay(minutes * 60_000, undefined, { signal: controller.signal, ref: false }).then(
    async () => {
      await bench.startAfresh();
      throw new Error(`not over after ${minutes} minutes`);
    },
  );
  late.catch(() => {});
  try {
    return await Promise.race([fault.run(bench), late]);
  } finally {
    controller.abort();
  }
}

/**
 * Resolves at Ctrl-C or SIGTERM, so that everything that was started is ended. A second signal does
 * not wait for that.
 */
function interruption(): Promise<"interrupted"> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      process.once(signal, () => {
        process.once(signal, () => process.exit(130));
        isInterrupted = true;
        resolve("interrupted");
      });
    }
  });
}
