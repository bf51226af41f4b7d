import { availableParallelism } from "node:os";
import { campaign } from "./campaign.ts";
import { Job } from "./jobs.ts";
import type { Story } from "./messages.ts";
import { findPlanted } from "./planted-run.ts";
import { countOf, readCommandLine, refuse } from "../support/command-line.ts";

const HELP = `Runs simulated histories: several engines, workers and callers and a database in one process, in virtual time, with faults.

  npm run test:simulation -- [--histories N] [--from N] [--jobs N] [--minutes N] [--json]
  npm run test:simulation -- --seed N [--planted ID]
  npm run test:simulation -- --planted [ID] [--histories N]

  --histories N   the number of histories; default 10,000. With --planted: the limit within which each bug must be found
  --from N        the seed of the first history, default 1; the others follow
  --minutes N     continues for N minutes, whatever the number of histories
  --jobs N        processes that run them; default: the number of processors
  --seed N        one history: prints its course; a failing one is made smaller first
  --planted [ID]  plants the bugs of planted.ts in the real code, or one of them, one at a time, and prints how
                  many histories it takes to find each
  --json          one line of JSON at the end instead of sentences
`;

const { values, positionals } = readCommandLine(HELP, {
  allowPositionals: true,
  options: {
    histories: { type: "string" },
    from: { type: "string", default: "1" },
    minutes: { type: "string" },
    jobs: { type: "string", default: String(availableParallelism()) },
    seed: { type: "string" },
    planted: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
  },
});

process.exitCode = await run();

/** @returns the exit code */
async function run(): Promise<number> {
  const [bug] = positionals;
  if (bug !== undefined && !values.planted) refuse(`Unknown argument ${JSON.stringify(bug)}.`);
  if (values.seed !== undefined) return explain(countOf("seed", values.seed), bug);
  const from = countOf("from", values.from);
  const jobs = countOf("jobs", values.jobs, 1);
  const histories = countOf("histories", values.histories ?? "10000");
  if (values.planted) return findPlanted({ from, jobs, histories, bug, isJson: values.json, told });
  const minutes = values.minutes === undefined ? undefined : countOf("minutes", values.minutes);
  const result = await campaign({ from, jobs, histories, minutes, isJson: values.json, told });
  if (result.failed === undefined) return 0;
  return values.json ? 1 : explain(result.failed.seed);
}

async function explain(seed: number, bug?: string): Promise<number> {
  using job = new Job(bug);
  const story = await job.explain(seed);
  tellStory(story, bug);
  return story.problems.length > 0 ? 1 : 0;
}

function tellStory({ seed, problems, plan, lines }: Story, bug: string | undefined): void {
  told(`The plan${problems.length > 0 ? ", reduced as far as it still fails" : ""}:\n${plan}`);
  told(`The course, by milliseconds of virtual time:\n${lines.map((line) => `  ${line}`).join("\n")}`);
  for (const problem of problems) told(`FAIL  ${problem}`);
  const planted = bug === undefined ? "" : ` --planted ${bug}`;
  told(
    problems.length > 0
      ? `Repeat with: npm run test:simulation -- --seed ${seed}${planted}`
      : `ok    seed ${seed}`,
  );
}

function told(line: string): void {
  process.stdout.write(`${line}\n`);
}
