import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";

/** The first process of the namespaces that `unshare --fork` made, by its number outside. */
export function firstOf(unshare: ChildProcess): number {
  const parent = String(unshare.pid);
  return Number(readFileSync(`/proc/${parent}/task/${parent}/children`, "utf8").trim());
}

/** Kills the first process, which ends all others; resolves when none is left. */
export async function endNamespace(unshare: ChildProcess): Promise<void> {
  if (unshare.exitCode !== null || unshare.signalCode !== null) return;
  const exited = once(unshare, "exit");
  process.kill(firstOf(unshare), "SIGKILL");
  await exited;
}
