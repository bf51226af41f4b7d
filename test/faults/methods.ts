import { existsSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { defineMethod } from "../../src/index.ts";

/** Answers with what it was given and the attempt that did it, so that a changed result is a visible one. */
export const echo = defineMethod({
  name: "echo",
  request: z.object({ text: z.string(), durationMs: z.number() }),
  response: z.object({ text: z.string(), attempt: z.number(), random: z.number() }),
  metadata: z.object({ progressPercent: z.number() }),
  // Kills are no fault of the operation here: it is to end well, however often its server dies.
  retry: { attempts: 1_000, initialDelay: "10ms", maxDelay: "50ms" },
  async run({ text, durationMs }, { attempt, report, signal }) {
    report({ progressPercent: 1 });
    await delay(durationMs, undefined, { signal });
    return { text, attempt, random: Math.random() };
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
