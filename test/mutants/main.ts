import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { startSharedPostgres } from "../support/postgres.ts";
import { Copy, ROOT } from "./copy.ts";
import type { Mutant } from "./mutant.ts";
import { MUTANTS } from "./mutants.ts";
import { isEnough, jsonOf, lineOf, type RoomResult, tableOf } from "./report.ts";
import { sweepOf } from "./sweep.ts";
import { type Outcome, Trials } from "./trials.ts";
import { typeErrors } from "./type-check.ts";
import { countOf, readCommandLine, refuse } from "../support/command-line.ts";

const HELP = `Plants small faults, one at a time, in a copy of the repository, and runs the tests of npm test there, the nearest
first, until one fails. A fault that no test detects shows that a test is missing.

  npm run test:mutants -- [--room ROOM] [--only ID] [--changed] [--jobs N] [--json]

  --room ROOM   the mutants of one room: ${Object.keys(MUTANTS).join(", ")}
  --only ID     one mutant, or those whose ids begin with ID
  --changed     the mutants in files that differ from the branch main, or whose tests differ
  --jobs N      the number of mutants at once, each in a copy of its own (1)
  --batches N   only the nearest N batches of tests, for a first look: a later batch may catch the survivors
  --sweep FILE  tries mechanical changes of one source file instead, wherever they fit; without --batches, with the nearest 2
  --check       compiles all mutants with tsc, and runs no test
  --json        prints the outcomes as JSON; progress goes to standard error

Exits with 1 if a room catches less than 90 % of its mutants, or all rooms together less than 95 %.
`;

const { values } = readCommandLine(HELP, {
  options: {
    room: { type: "string" },
    only: { type: "string", default: "" },
    changed: { type: "boolean", default: false },
    jobs: { type: "string", default: "1" },
    batches: { type: "string" },
    sweep: { type: "string" },
    check: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
  },
});

/** A mutant, and its room. */
interface Task {
  readonly room: string;
  readonly mutant: Mutant;
}

// An interrupted run leaves no process and no copy behind.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));

process.exitCode = values.check ? check() : await tryAll();

function check(): number {
  using copy = new Copy();
  const mutants = chosen().map(({ mutant }) => mutant);
  const errors = typeErrors(mutants, copy);
  for (const [id, complaint] of errors) process.stdout.write(`${id} does not compile:\n${complaint}\n`);
  process.stdout.write(`${mutants.length - errors.size} of ${mutants.length} mutants compile\n`);
  return errors.size > 0 ? 1 : 0;
}

async function tryAll(): Promise<number> {
  const isSweep = values.sweep !== undefined;
  const trials = new Trials(
    countOf("batches", values.batches ?? (isSweep ? "2" : String(Number.MAX_SAFE_INTEGER)), 1),
  );
  const outcomes = new Map<Task, Outcome>();
  using disposing = new DisposableStack();
  const copies = Array.from({ length: countOf("jobs", values.jobs, 1) }, () => disposing.use(new Copy()));
  const tasks = chosen();
  const queue = tasks.values();
  const lines = values.json ? process.stderr : process.stdout;
  const work = async (copy: Copy): Promise<void> => {
    await using postgres = await startSharedPostgres();
    for (const task of queue) {
      const outcome = await trials.try(task.mutant, { copy, postgres });
      outcomes.set(task, outcome);
      lines.write(`${outcomes.size}/${tasks.length} ${task.room}: ${lineOf(outcome)}\n`);
    }
  };
  await Promise.all(copies.map(work));
  const rooms = results(tasks, outcomes);
  for (const file of trials.unreliable) lines.write(`LEFT OUT ${file}: it fails without a mutant\n`);
  process.stdout.write(`${values.json ? jsonOf(rooms) : `\n${tableOf(rooms)}`}\n`);
  return isEnough(rooms) && trials.unreliable.size === 0 ? 0 : 1;
}

function results(tasks: readonly Task[], outcomes: ReadonlyMap<Task, Outcome>): readonly RoomResult[] {
  const rooms = Map.groupBy(tasks, ({ room }) => room);
  return [...rooms].map(([room, ofRoom]) => ({
    room,
    outcomes: ofRoom.flatMap((task) => outcomes.get(task) ?? []),
  }));
}

/** Ends the process if the flags choose no mutant. */
function chosen(): readonly Task[] {
  const file = values.sweep;
  if (file !== undefined) {
    const text = readFileSync(join(ROOT, file), "utf8");
    return sweepOf(file, text).map((mutant) => ({ room: "sweep", mutant }));
  }
  const changed = values.changed ? changedFiles() : undefined;
  const all = Object.entries(MUTANTS)
    .filter(([room]) => values.room === undefined || values.room === room)
    .flatMap(([room, mutants]) => mutants.map((mutant) => ({ room, mutant })))
    .filter(({ mutant }) => mutant.id.startsWith(values.only))
    .filter(({ mutant }) => changed === undefined || isIn(changed, mutant));
  if (all.length > 0 || changed !== undefined) return all;
  return refuse("No such mutant; see the files of test/mutants.");
}

function isIn(changed: ReadonlySet<string>, { file }: Mutant): boolean {
  return changed.has(file) || changed.has(file.replace(/\.ts$/, ".test.ts"));
}

function git(...words: string[]): string[] {
  return execFileSync("git", words, { cwd: ROOT, encoding: "utf8" }).trim().split("\n");
}

/** The files that differ from the branch point with main, in commits or on the disk. */
function changedFiles(): ReadonlySet<string> {
  const [base = ""] = git("merge-base", "main", "HEAD");
  return new Set([...git("diff", "--name-only", base), ...git("ls-files", "--others", "--exclude-standard")]);
}
