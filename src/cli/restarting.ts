import { spawn } from "node:child_process";
import { once } from "node:events";
import { EXIT, type ExitName } from "./exit.ts";
import type { Io } from "./io.ts";

/**
 * Runs this very command line in Node's watch mode: in a process that is ended in order and started again whenever a module
 * that it imports has changed, also one that could not be loaded. Interrupts are handed on, once each.
 *
 * @param flag is left out of the command line
 */
export async function restarting(io: Io, flag: string): Promise<ExitName> {
  const [, main = "", ...words] = process.argv;
  const command = [main, ...words.filter((word) => word !== flag)];
  const child = spawn(
    process.execPath,
    [...process.execArgv, "--watch", "--watch-preserve-output", ...command],
    {
      cwd: io.directory,
      stdio: ["ignore", "inherit", "inherit"],
      // A terminal sends Ctrl-C to a whole group, and a second signal would cut off what drains.
      detached: true,
    },
  );
  const end = (): void => void child.kill("SIGTERM");
  const removals = [io.onInterrupt(end), io.onHangup(end)];
  try {
    const [code] = (await once(child, "exit")) as [number | null];
    return exitNamed(code);
  } finally {
    for (const remove of removals) remove();
  }
}

function exitNamed(code: number | null): ExitName {
  const names = Object.keys(EXIT) as ExitName[];
  return names.find((name) => EXIT[name] === code) ?? "failed";
}
