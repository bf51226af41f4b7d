import { appendFileSync, existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { defineMethod } from "../../src/index.ts";
import { monotonicNow, type RunLine } from "./runs.ts";

const RUNS = process.env["FAULTS_RUNS"];

/** Writes down that this process runs an attempt, or has stopped to. The line is with the system before this returns. */
function note(line: Pick<RunLine, "event" | "name" | "attempt">): void {
  if (RUNS === undefined) return;
  const whole: RunLine = { ...line, at: monotonicNow(), wall: Date.now() };
  appendFileSync(join(RUNS, `${process.pid}.jsonl`), `${JSON.stringify(whole)}\n`);
}

/**
 * Works for a while, and answers with what it was given, the attempt that did it, and chance, so that a changed result is a
 * visible one.
 */
export const work = defineMethod({
  name: "work",
  request: z.object({ text: z.string(), durationMs: z.number() }),
  response: z.object({ text: z.string(), attempt: z.number(), random: z.number() }),
  metadata: z.object({ progressPercent: z.number() }),
  // Faults are no fault of the operation here: it is to end well, however often its worker dies.
  retry: { attempts: 1_000, initialDelay: "10ms", maxDelay: "50ms" },
  async run({ text, durationMs }, { name, attempt, report, signal }) {
    note({ event: "began", name, attempt });
    try {
      for (let doneMs = 0; doneMs < durationMs; doneMs += 500) {
        if (doneMs > 0) report({ progressPercent: (100 * doneMs) / durationMs });
        await delay(Math.min(500, durationMs - doneMs), undefined, { signal });
      }
      return { text, attempt, random: Math.random() };
    } finally {
      note({ event: "ended", name, attempt });
    }
  },
});

/** The first attempt waits for a file and does not listen to its signal; every later one answers at once. */
export const hold = defineMethod({
  name: "hold",
  request: z.object({ until: z.string() }),
  response: z.object({ attempt: z.number() }),
  retry: { attempts: 10, initialDelay: "10ms", maxDelay: "10ms" },
  async run({ until }, { attempt }) {
    if (attempt > 1) return { attempt };
    while (!existsSync(until)) await delay(20);
    return { attempt };
  },
});
