import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";

/** Somebody else who uses the server meanwhile, in another process: what the sender of hostile inputs does holds it up in nothing. */
export interface SecondCaller extends Disposable {
  /** How long its answers took since the last call, in milliseconds, those included that are still on their way. */
  delays(): Promise<readonly number[]>;
  /** Answers that were none, since the last call. */
  problems(): readonly string[];
}

const PROCESS = fileURLToPath(new URL("./second-caller-process.ts", import.meta.url));

/** @param url what it reads; it must be there as long as it reads */
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
