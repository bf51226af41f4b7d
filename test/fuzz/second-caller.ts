import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";

/**
 * Another user of the server, in a process of its own, so that the sender's own work does not delay
 * it.
 */
export interface SecondCaller extends Disposable {
  /**
   * The delays of its answers since the last call, in milliseconds, including those still
   * outstanding.
   */
  delays(): Promise<readonly number[]>;
  /** Failed answers since the last call. */
  problems(): readonly string[];
}

const PROCESS = fileURLToPath(new URL("./second-caller-process.ts", import.meta.url));

/** @param url the address to read; it must exist throughout */
export function startSecondCaller(url: string): SecondCaller {
  const child = fork(PROCESS, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  let problems: string[] = [];
  let answer: ((delays: readonly number[]) => void) | undefined;
  child.on("message", (message: { readonly problem?: string; readonly delays?: readonly number[] }) => {
    if (message.problem !== undefined) problems.push(message.problem);
    if (message.delays !== undefined) answer?.(message.delays);
  });
  child.send(url);
  return {
    delays: () =>
      new Promise((resolve) => {
        answer = resolve;
        child.send("delays");
      }),
    problems: () => {
      const told = problems;
      problems = [];
      return told;
    },
    [Symbol.dispose]: () => child.disconnect(),
  };
}
