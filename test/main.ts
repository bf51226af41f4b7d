import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  EACH_BY_ITSELF,
  filesOf,
  FLAGS,
  IN_ONE_PROCESS,
  LONG_FILES,
  OTHER_FILES,
  ROOM_FILES,
} from "./support/test-files.ts";

/**
 * `npm test`: two runs of Node's test runner at once. The pure rooms wait rarely and have a processor to themselves; all other
 * files share one PostgreSQL. The output of the first is shown when it has ended, so that nothing is mixed up.
 *
 * `npm run test:long` (`--long`): the files that are left out of that.
 */
const GLOBAL_SETUP = "--test-global-setup=test/support/before-all.ts";
/** A run that goes on for so long is ended, and the runner names the files that it was at. */
const RUN_MS = 8 * 60_000;

function run(words: readonly string[], output: "pipe" | "inherit"): ChildProcess {
  return spawn(process.execPath, [...FLAGS, "--test-reporter=spec", ...words], {
    stdio: ["ignore", output, "inherit"],
    timeout: RUN_MS,
  });
}

async function codeOf(child: ChildProcess): Promise<number> {
  const [code] = (await once(child, "exit")) as [number | null];
  return code ?? 1;
}

async function runUsual(): Promise<number> {
  const rooms = run([...IN_ONE_PROCESS, ...ROOM_FILES], "pipe");
  let printed = "";
  rooms.stdout?.setEncoding("utf8").on("data", (text: string) => (printed += text));
  const others = run([...EACH_BY_ITSELF, GLOBAL_SETUP, ...filesOf(OTHER_FILES, ".")], "inherit");
  const codes = await Promise.all([codeOf(rooms), codeOf(others)]);
  process.stdout.write(printed);
  return Math.max(...codes);
}

process.exitCode = process.argv.includes("--long")
  ? await codeOf(run([...EACH_BY_ITSELF, GLOBAL_SETUP, ...LONG_FILES], "inherit"))
  : await runUsual();
