import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

/**
 * `npm test`: two runs of Node's test runner at once. The pure rooms are run in one process, since starting one for each of their
 * files takes longer than their tests; it waits rarely and has a processor to itself. Everything else has a process for each
 * file, and one PostgreSQL for all of them. What the first prints is shown when it has ended, so that nothing is mixed up.
 */
const COMMON = [
  "--import",
  "./test/support/compile-cache.ts",
  "--test",
  "--test-reporter=spec",
  "--test-timeout=60000",
];
/** Nothing waits for ever: what goes on for so long is ended, and the runner names the files that it was at. */
const RUN_MS = 8 * 60_000;
const ROOMS = ["core", "wire", "protos", "describe", "config", "engine", "worker", "server", "client"];
const IN_ONE_PROCESS = ["--test-isolation=none", ...ROOMS.map((room) => `src/${room}/**/*.test.ts`)];
const EACH_BY_ITSELF = [
  "--test-concurrency=3",
  "--test-global-setup=test/support/before-all.ts",
  "src/*.test.ts",
  "src/{assembly,cli,store,testing}/**/*.test.ts",
  "examples/**/*.test.ts",
  "test/*.test.ts",
  "test/conformance/**/*.test.ts",
  "test/growth/*.test.ts",
  "test/faults/*.test.ts",
  "test/clients/*.npm.test.ts",
];

function run(words: readonly string[], output: "pipe" | "inherit"): ChildProcess {
  return spawn(process.execPath, [...COMMON, ...words], {
    stdio: ["ignore", output, "inherit"],
    timeout: RUN_MS,
  });
}

async function codeOf(child: ChildProcess): Promise<number> {
  const [code] = (await once(child, "exit")) as [number | null];
  return code ?? 1;
}

const rooms = run(IN_ONE_PROCESS, "pipe");
let printed = "";
rooms.stdout?.setEncoding("utf8").on("data", (text: string) => (printed += text));
const codes = await Promise.all([codeOf(rooms), codeOf(run(EACH_BY_ITSELF, "inherit"))]);
process.stdout.write(printed);
process.exitCode = Math.max(...codes);
