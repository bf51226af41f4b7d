import type { ChildProcess } from "node:child_process";

const living = new Map<ChildProcess, NodeJS.Signals>();

/** Ends a process when this one ends in any way, except by kill -9, which no process can handle. */
export function endWithUs(child: ChildProcess, signal: NodeJS.Signals): void {
  if (living.size === 0) process.once("exit", endAll);
  living.set(child, signal);
  child.once("exit", () => {
    living.delete(child);
    if (living.size === 0) process.off("exit", endAll);
  });
}

function endAll(): void {
  for (const [child, signal] of living) child.kill(signal);
}
