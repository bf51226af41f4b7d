import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { defineMethod } from "../../src/index.ts";

const echoed = z.object({ text: z.string() });

/** Ends at once with its request as the response, so that only the cost of the service remains. */
export const echo = defineMethod({
  name: "echo",
  request: echoed,
  response: echoed,
  run: (request) => request,
});

/** Runs for `seconds` and reports progress throughout. */
export const tick = defineMethod({
  name: "tick",
  request: z.object({ seconds: z.number() }),
  metadata: z.object({ progressPercent: z.number(), statusMessage: z.string() }),
  async run({ seconds }, { report, signal }) {
    for (let tenths = 0; tenths < seconds * 10; tenths++) {
      report({ progressPercent: tenths % 100, statusMessage: `Tenth of a second number ${tenths}` });
      await delay(100, undefined, { signal });
    }
  },
});

/** Runs until it is cancelled. */
export const hold = defineMethod({
  name: "hold",
  request: z.object({}),
  run: (_, { signal }) =>
    new Promise<void>((_resolve, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
    }),
});

const reported = z.object({
  title: z.string(),
  totalBytes: z.string(),
  updateTime: z.string(),
  labels: z.record(z.string(), z.string()),
  entries: z.array(
    z.object({
      path: z.string(),
      kind: z.enum(["FILE", "DIRECTORY"]),
      sizeBytes: z.string(),
      share: z.number(),
      hidden: z.boolean(),
      scanDuration: z.string(),
    }),
  ),
});

/**
 * Ends at once with the message of its request. `makeReport`, declared by report.proto, does the
 * same.
 */
export const report = defineMethod({
  name: "report",
  request: z.object({ report: reported }),
  response: reported,
  run: (request) => request.report,
});

/** Sleeps, and ends with its request as the response. */
export const nap = defineMethod({
  name: "nap",
  request: z.object({ text: z.string(), milliseconds: z.number() }),
  response: echoed,
  async run({ text, milliseconds }, { signal }) {
    await delay(milliseconds, undefined, { signal });
    return { text };
  },
});
