import type { Mutant } from "../mutants/mutant.ts";
import { Job } from "./jobs.ts";
import type { Report } from "./messages.ts";
import { PLANTED } from "./planted.ts";

interface PlantedSetting {
  readonly from: number;
  readonly jobs: number;
  /** The limit of histories in which each bug must be found. */
  readonly histories: number;
  /** The only bug to plant. @default all */
  readonly bug: string | undefined;
  readonly isJson: boolean;
  readonly told: (line: string) => void;
}

/** The number of histories until a planted bug was found. */
interface Finding {
  readonly id: string;
  readonly found: boolean;
  readonly histories: number;
  readonly seed: number | null;
  readonly problem: string;
}

/** Plants each bug and searches for it. @returns the exit code: 1 if a bug was not found */
export async function findPlanted(setting: PlantedSetting): Promise<number> {
  const { isJson, told, bug } = setting;
  const bugs = bug === undefined ? [...PLANTED] : PLANTED.filter(({ id }) => id === bug);
  if (bugs.length === 0) throw new TypeError(`No planted bug is called "${bug}"`);
  const findings: Finding[] = [];
  const left = bugs.toReversed();
  const work = async (): Promise<void> => {
    for (let next = left.pop(); next !== undefined; next = left.pop()) {
      const finding = await find(next, setting);
      findings.push(finding);
      if (!isJson) told(lineOf(finding, next));
    }
  };
  await Promise.all(Array.from({ length: setting.jobs }, work));
  const missed = findings.filter(({ found }) => !found);
  if (isJson) told(JSON.stringify(findings));
  else told(`${findings.length - missed.length} of ${findings.length} planted bugs found`);
  return missed.length > 0 ? 1 : 0;
}

async function find({ id }: Mutant, { from, histories }: PlantedSetting): Promise<Finding> {
  using job = new Job(id);
  const report = await job.run({ from, count: histories });
  return { id, found: report.failed !== undefined, histories: report.histories, ...seenIn(report) };
}

function seenIn({ failed }: Report): Pick<Finding, "seed" | "problem"> {
  return { seed: failed?.seed ?? null, problem: failed?.problems[0] ?? "" };
}

function lineOf({ id, found, histories, problem }: Finding, { fault }: Mutant): string {
  const count = String(histories).padStart(6);
  return found ? `found ${count}  ${id}: ${problem}` : `MISSED${count}  ${id}: ${fault}`;
}
