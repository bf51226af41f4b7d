import type { ChildProcess } from "node:child_process";

const living = new Map<ChildProcess, NodeJS.Signals>();

/** Sees to it that a process does not outlive this one, however this one ends; save by kill -9, of which nobody hears. */
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
