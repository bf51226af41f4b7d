import { execFileSync } from "node:child_process";
import type { Clock } from "../core/ports/clock.ts";
import type { ManualClock } from "../testing/manual-clock.ts";

/** An option of tests that make a FIFO. */
export const FIFOS = { skip: process.platform === "win32" ? "Windows has no FIFO" : false } as const;

/** Makes a FIFO. @returns the path */
export function makeFifo(path: string): string {
  execFileSync("mkfifo", [path]);
  return path;
}

/**
 * Begins to use a FIFO. `paused()` resolves when the use waits for its clock, or has ended. If it
 * waits, `clock.pending` is 1.
 */
export function using<Result>(clock: ManualClock, use: (clock: Clock) => Promise<Result>) {
  let waits = Promise.withResolvers<void>();
  const watched: Clock = {
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    soon: (callback) => clock.soon(callback),
    after: (delayMs, callback) => {
      waits.resolve();
      return clock.after(delayMs, () => {
        waits = Promise.withResolvers();
        callback();
      });
    },
  };
  const result = use(watched);
  const ended = result.catch(() => undefined);
  return { result, paused: async () => void (await Promise.race([waits.promise, ended])) };
}
