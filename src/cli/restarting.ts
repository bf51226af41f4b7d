import { spawn } from "node:child_process";
import { once } from "node:events";
import { EXIT, type ExitName } from "./exit.ts";
import type { Io } from "./io.ts";

/**
 * Runs this command line in Node's watch mode: in a process that is stopped in order and started
 * again whenever a module that it imports has changed, even if the module could not be loaded. Each
 * interrupt is passed on once.
 *
 * @param flag removed from the command line
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
      // A terminal sends Ctrl-C to a whole process group, and a second signal would end the drain.
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
