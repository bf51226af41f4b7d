import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { startServerProcess } from "../support/server-process.ts";
import { grpcCampaign } from "./grpc-campaign.ts";
import { Campaign, type Discovery, kindOf, type Report } from "./campaign.ts";
import { show, smallest } from "./shrink.ts";

const HELP = `Sends generated requests to a real server: no bytes may upset it.

  npm run test:fuzz -- [--grpc] [--short] [--requests N] [--seed N]

  --grpc        attacks gRPC and not REST, with 100,000 calls and connections
  --short       10,000 requests instead of 200,000
  --requests N  so many
  --seed N      repeats the choices of a run; printed at its start
`;

const METHODS = fileURLToPath(new URL("./methods.ts", import.meta.url));

const { values } = parseArgs({
  options: {
    grpc: { type: "boolean", default: false },
    short: { type: "boolean", default: false },
    requests: { type: "string" },
    seed: { type: "string" },
    help: { type: "boolean", default: false },
  },
});

if (values.help) process.stdout.write(HELP);
else await fuzz();

async function fuzz(): Promise<void> {
  const seed = Number(values.seed ?? Date.now() % 1_000_000);
  const requests = Number(values.requests ?? (values.short ? 10_000 : values.grpc ? 100_000 : 200_000));
  told(
    `seed ${seed} (repeat with: npm run test:fuzz -- ${values.grpc ? "--grpc " : ""}--seed ${seed} --requests ${requests})`,
  );
  const folder = mkdtempSync(join(tmpdir(), "longrunning-fuzz-"));
  try {
    await using server = await startServerProcess({
      file: METHODS,
      store: `sqlite:${join(folder, "fuzz.db")}`,
      // Everything that is off by default is on: it can be attacked then.
      flags: ["--log-level", "error", "--jsonp", "--cors", "https://app.example.com"],
      // A small heap is collected often: what grows all the same is held, and not only lying about.
      environment: { NODE_OPTIONS: "--max-old-space-size=192 --max-semi-space-size=8" },
    });
    if (values.grpc) {
      const problems = await grpcCampaign({ server, seed, requests, told });
      for (const problem of problems) told(`FAIL  ${problem}`);
      told(problems.length === 0 ? "ok" : `FAIL  ${problems.length} problems`);
      if (problems.length > 0) process.exitCode = 1;
      return;
    }
    const campaign = new Campaign({ server, seed, requests, told });
    const report = await campaign.run();
    summarize(report);
    for (const discovery of report.discoveries) await tellDiscovery(campaign, discovery);
    if (report.discoveries.length > 0) process.exitCode = 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function summarize({ sent, seconds, counts, discoveries, memory }: Report): void {
  const statuses = [...counts].toSorted(([a], [b]) => (a < b ? -1 : 1));
  told(`${sent} requests in ${seconds.toFixed(0)} s (${(sent / seconds).toFixed(0)}/s), ${memory}`);
  told(`answers: ${statuses.map(([status, count]) => `${status}: ${count}`).join(", ")}`);
  told(discoveries.length === 0 ? "ok" : `FAIL  ${discoveries.length} different problems`);
}

/** The problem, and the fewest bytes that bring it about. */
async function tellDiscovery(campaign: Campaign, { problem, attack, index }: Discovery): Promise<void> {
  told(`\nFAIL  request ${index}: ${problem}`);
  if (attack === undefined) return;
  const again = await campaign.repeat(attack).catch(() => undefined);
  if (again === undefined) {
    told(`  not repeatable by itself (${attack.kind}): ${show(attack)}`);
    return;
  }
  const kind = kindOf(problem);
  const small = await smallest(attack, async (candidate) => {
    const found = await campaign.repeat(candidate);
    return found !== undefined && kindOf(found) === kind;
  });
  told(`  ${attack.kind}, smallest: ${show(small)}`);
}

function told(line: string): void {
  process.stdout.write(`${line}\n`);
}
