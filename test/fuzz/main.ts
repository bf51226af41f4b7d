import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startServerProcess } from "../support/server-process.ts";
import { grpcCampaign } from "./grpc-campaign.ts";
import { Campaign, type Discovery, kindOf, type Report } from "./campaign.ts";
import { limitCampaign } from "./limit-campaign.ts";
import { show, smallest } from "./shrink.ts";
import { countOf, readCommandLine } from "../support/command-line.ts";

const HELP = `Sends generated requests to a real server: no input may make it fail.

  npm run test:fuzz -- [--grpc] [--limits] [--short] [--requests N] [--inputs N] [--seed N] [--from N]

  --grpc        attacks gRPC instead of REST, with 100,000 calls and connections
  --limits      sends only inputs as large as the server reads
  --short       10,000 requests instead of 200,000, and 60 inputs at limits instead of 1,000
  --requests N  the number of requests
  --inputs N    the number of inputs at limits
  --from N      the first input at limits
  --seed N      repeats the random choices of a run, which prints N at its start
`;

const METHODS = fileURLToPath(new URL("./methods.ts", import.meta.url));

const { values } = readCommandLine(HELP, {
  options: {
    grpc: { type: "boolean", default: false },
    short: { type: "boolean", default: false },
    limits: { type: "boolean", default: false },
    requests: { type: "string" },
    inputs: { type: "string" },
    from: { type: "string", default: "0" },
    seed: { type: "string" },
  },
});

const seedOfRun = countOf("seed", values.seed ?? String(Date.now() % 1_000_000));
if (!values.limits) await fuzz(seedOfRun);
if (!values.grpc) await fuzzLimits(seedOfRun);

async function fuzzLimits(seed: number): Promise<void> {
  const inputs = countOf("inputs", values.inputs ?? (values.short ? "60" : "1000"));
  told(`seed ${seed} (repeat with: npm run test:fuzz -- --limits --seed ${seed} --inputs ${inputs})`);
  const folder = mkdtempSync(join(tmpdir(), "longrunning-fuzz-"));
  try {
    tellProblems(await limitCampaign({ folder, seed, inputs, from: countOf("from", values.from), told }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function tellProblems(problems: readonly string[]): void {
  for (const problem of problems) told(`FAIL  ${problem}`);
  told(problems.length === 0 ? "ok" : `FAIL  ${problems.length} problems`);
  if (problems.length > 0) process.exitCode = 1;
}

async function fuzz(seed: number): Promise<void> {
  const requests = countOf(
    "requests",
    values.requests ?? (values.short ? "10000" : values.grpc ? "100000" : "200000"),
  );
  told(
    `seed ${seed} (repeat with: npm run test:fuzz -- ${values.grpc ? "--grpc " : ""}--seed ${seed} --requests ${requests})`,
  );
  const folder = mkdtempSync(join(tmpdir(), "longrunning-fuzz-"));
  try {
    await using server = await startServerProcess({
      file: METHODS,
      store: `sqlite:${join(folder, "fuzz.db")}`,
      // Features that are off by default are switched on, so that they are attacked, too.
      flags: ["--log-level", "error", "--jsonp", "--cors", "https://app.example.com"],
      // A small heap is collected often, so memory that still grows is really held.
      environment: { NODE_OPTIONS: "--max-old-space-size=192 --max-semi-space-size=8" },
    });
    if (values.grpc) {
      tellProblems(await grpcCampaign({ server, seed, requests, told }));
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

/** The problem, and the smallest attack that causes it. */
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
