import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { relative } from "node:path";
import type { PostgresServer } from "../support/postgres.ts";
import { PROCESS_FLAGS } from "../support/test-files.ts";
import { type Batch, filesOf } from "./batches.ts";
import type { Copy } from "./copy.ts";
import { FirstFailure } from "./tap.ts";

/** How a batch ended. */
export type Verdict =
  | { readonly result: "passed" }
  /**
   * `file` contains the test, from the root of the repository; empty if the run ended without a
   * failed test.
   */
  | { readonly result: "failed"; readonly test: string; readonly file: string }
  | { readonly result: "hung"; readonly afterMs: number };

/** The environment of the tests. */
export interface Place {
  readonly copy: Copy;
  /** A PostgreSQL that keeps running, only for the tests of this environment. */
  readonly postgres: PostgresServer;
}

const IN_ONE_PROCESS = ["--test-isolation=none"];
const EACH_BY_ITSELF = ["--test-concurrency=3"];
/** A run that takes longer hangs. A single test has its own, shorter timeout. */
const RUN_MS = 120_000;
const FILE_MS = 3_000;
/** The time for a process that was told to end, so that it can end its own processes. */
const END_MS = 1_000;

/** Runs the tests of a batch until one fails or hangs. Afterwards none of its processes is left. */
export async function runBatch(place: Place, batch: Batch): Promise<Verdict> {
  const timeoutMs = RUN_MS + FILE_MS * filesOf(batch).length;
  const groups = [
    [IN_ONE_PROCESS, batch.inOneProcess],
    [EACH_BY_ITSELF, batch.eachByItself],
  ] as const;
  for (const [flags, files] of groups) {
    if (files.length === 0) continue;
    const verdict = await run(place, [...flags, ...files], timeoutMs);
    if (flags === EACH_BY_ITSELF) await place.postgres.dropDatabases();
    if (verdict.result !== "passed") return verdict;
  }
  return { result: "passed" };
}

async function run({ copy, postgres }: Place, words: readonly string[], timeoutMs: number): Promise<Verdict> {
  const child = spawn(process.execPath, [...PROCESS_FLAGS, "--test", "--test-reporter=tap", ...words], {
    cwd: copy.root,
    stdio: ["ignore", "pipe", "ignore"],
    env: { ...process.env, TMPDIR: copy.temporary, TEST_POSTGRES_PORT: String(postgres.port) },
    // A process group of its own, so that its child processes end with it.
    detached: true,
    timeout: timeoutMs,
    killSignal: "SIGKILL",
  });
  const endWithUs = (): void => void signalGroup(child, "SIGKILL");
  process.once("exit", endWithUs);
  const verdict = await verdictOf(child, timeoutMs);
  await endGroup(child);
  process.off("exit", endWithUs);
  copy.clean();
  if (verdict.result !== "failed") return verdict;
  return { ...verdict, file: verdict.file === "" ? "" : relative(copy.root, verdict.file) };
}

function verdictOf(child: ChildProcess, timeoutMs: number): Promise<Verdict> {
  const { promise, resolve } = Promise.withResolvers<Verdict>();
  const failure = new FirstFailure();
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    const failed = failure.take(text);
    if (failed !== undefined) resolve({ result: "failed", test: failed.name, file: failed.file });
  });
  child.once("exit", (_, signal) => {
    if (signal !== null) resolve({ result: "hung", afterMs: timeoutMs });
  });
  child.once("close", (code) => {
    if (code === 0) resolve({ result: "passed" });
    else resolve({ result: "failed", test: `the run ended with ${String(code)}`, file: "" });
  });
  return promise;
}

async function endGroup(child: ChildProcess): Promise<void> {
  if (!signalGroup(child, "SIGTERM")) return;
  if (child.exitCode === null && child.signalCode === null) {
    await once(child, "exit", { signal: AbortSignal.timeout(END_MS) }).catch(() => {});
  }
  signalGroup(child, "SIGKILL");
}

/** Signals all processes of the group. @returns whether the group has any */
function signalGroup({ pid }: ChildProcess, name: NodeJS.Signals): boolean {
  if (pid === undefined) return false;
  try {
    return process.kill(-pid, name);
  } catch {
    return false;
  }
}
