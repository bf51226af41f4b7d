import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { seededRandom } from "../../src/testing/seeded-random.ts";
import { freezeFault } from "./freeze.ts";
import { killFault } from "./kill.ts";

const HELP = `Breaks servers on purpose and checks that nothing acknowledged is lost and no result changes.

  npm run test:faults -- [--short] [--rounds N] [--seed N] [--only kill|freeze]

  --short      a minute instead of several: 25 rounds of kill -9 instead of 200
  --rounds N   rounds of kill -9
  --seed N     repeats the choices of a run; printed at its start
  --only NAME  one fault only
`;

const { values } = parseArgs({
  options: {
    short: { type: "boolean", default: false },
    rounds: { type: "string" },
    seed: { type: "string" },
    only: { type: "string" },
    help: { type: "boolean", default: false },
  },
});

if (values.help) {
  process.stdout.write(HELP);
} else {
  await runFaults();
}

function told(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function runFaults(): Promise<void> {
  const seed = Number(values.seed ?? Date.now() % 1_000_000);
  const rounds = Number(values.rounds ?? (values.short ? 25 : 200));
  told(`seed ${seed} (repeat with: npm run test:faults -- --seed ${seed} --rounds ${rounds})`);
  const folder = mkdtempSync(join(tmpdir(), "longrunning-faults-"));
  const faults = {
    kill: () => killFault({ rounds, folder, random: seededRandom(seed), told }),
    freeze: () => freezeFault({ folder }),
  };
  let [passed, failed] = [0, 0];
  for (const [name, fault] of Object.entries(faults)) {
    if (values.only !== undefined && values.only !== name) continue;
    const began = performance.now();
    try {
      const figures = Object.entries(await fault()).map(([what, figure]) => `${what}: ${figure}`);
      told(
        `ok    ${name.padEnd(8)} ${figures.join(", ")} (${((performance.now() - began) / 1_000).toFixed(1)} s)`,
      );
      passed++;
    } catch (error) {
      told(
        `FAIL  ${name.padEnd(8)} ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
      );
      failed++;
    }
  }
  rmSync(folder, { recursive: true, force: true });
  told(`${passed} passed, ${failed} failed`);
  if (failed > 0) process.exitCode = 1;
}
