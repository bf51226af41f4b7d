import { appendFileSync, existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { type Context, defineMethod } from "../../src/index.ts";
import { LIMITED, type Limited } from "./limited.ts";
import { monotonicNow, type Place, type RunLine } from "./runs.ts";

const RUNS = process.env["FAULTS_RUNS"];

/**
 * Records that this process has begun or ended an attempt. The system has the line before this
 * returns.
 */
function note(line: Pick<RunLine, "event" | "name" | "attempt" | "place">): void {
  if (RUNS === undefined) return;
  const whole: RunLine = { ...line, at: monotonicNow(), wall: Date.now() };
  appendFileSync(join(RUNS, `${process.pid}.jsonl`), `${JSON.stringify(whole)}\n`);
}

/** Works for a while, reports progress, and records when it ran. */
async function workFor(
  { text, durationMs }: { readonly text: string; readonly durationMs: number },
  { name, attempt, report, signal }: Context<{ progressPercent: number }>,
  place?: Place,
): Promise<{ text: string; attempt: number; random: number }> {
  const line = { name, attempt, ...(place === undefined ? {} : { place }) };
  note({ event: "began", ...line });
  try {
    for (let doneMs = 0; doneMs < durationMs; doneMs += 500) {
      if (doneMs > 0) report({ progressPercent: (100 * doneMs) / durationMs });
      await delay(Math.min(500, durationMs - doneMs), undefined, { signal });
    }
    return { text, attempt, random: Math.random() };
  } finally {
    note({ event: "ended", ...line });
  }
}

/** Faults must not fail the operation: it should succeed, however often its worker dies. */
const RETRY = { attempts: 1_000, initialDelay: "10ms", maxDelay: "50ms" } as const;

/**
 * Works for a while, and answers with its request, its attempt number and a random value, so that a
 * changed result is visible.
 */
export const work = defineMethod({
  name: "work",
  request: z.object({ text: z.string(), durationMs: z.number() }),
  response: z.object({ text: z.string(), attempt: z.number(), random: z.number() }),
  metadata: z.object({ progressPercent: z.number() }),
  retry: RETRY,
  run: (request, context) => workFor(request, context),
});

/** The same as `work`, with a limit on the operations of each key that run in parallel. */
function limited(name: keyof typeof LIMITED) {
  const { limit, when }: Limited = LIMITED[name];
  return defineMethod({
    name,
    request: z.object({ text: z.string(), durationMs: z.number(), key: z.string() }),
    response: z.object({ text: z.string(), attempt: z.number(), random: z.number() }),
    metadata: z.object({ progressPercent: z.number() }),
    parallel: { key: ({ key }) => key, limit, when },
    retry: RETRY,
    run: (request, context) => workFor(request, context, { key: `${name} ${request.key}`, limit }),
  });
}

export const queueOne = limited("queueOne");
export const queueTwo = limited("queueTwo");
export const rejectOne = limited("rejectOne");
export const rejectTwo = limited("rejectTwo");

/**
 * The first attempt makes the file `UNTIL.held`, waits for the file `UNTIL`, and ignores its signal;
 * every later attempt answers at once.
 */
export const hold = defineMethod({
  name: "hold",
  request: z.object({ until: z.string() }),
  response: z.object({ attempt: z.number() }),
  retry: { attempts: 10, initialDelay: "10ms", maxDelay: "10ms" },
  async run({ until }, { attempt }) {
    if (attempt > 1) return { attempt };
    writeFileSync(`${until}.held`, "");
    while (!existsSync(until)) await delay(20);
    return { attempt };
  },
});
