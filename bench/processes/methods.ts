import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { defineMethod } from "../../src/index.ts";

const echoed = z.object({ text: z.string() });

/** Ends at once with what it was given: what is left is what the service itself costs. */
export const echo = defineMethod({
  name: "echo",
  request: echoed,
  response: echoed,
  run: (request) => request,
});

/** Runs for `seconds` and reports progress all the while. */
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
