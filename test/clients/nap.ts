import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { defineMethod } from "../../src/index.ts";

/** Work that only takes time, so that the service itself is measured. */
export const nap = defineMethod({
  name: "nap",
  request: z.object({ durationMs: z.int().min(0).max(1_000) }),
  response: z.object({ sleptMs: z.number() }),
  async run({ durationMs }, { signal }) {
    await delay(durationMs, undefined, { signal });
    return { sleptMs: durationMs };
  },
});
