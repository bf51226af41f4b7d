import { z } from "zod";
import { defineMethod } from "../../src/index.ts";

/** Work that a test controls: each step waits for an answer from the address in the request. */
export const gate = defineMethod({
  name: "gate",
  request: z.object({ url: z.string(), steps: z.int().min(1).max(100) }),
  response: z.object({ steps: z.int() }),
  async run({ url, steps }, { report, signal }) {
    for (let step = 1; step <= steps; step++) {
      report({ progressPercent: step });
      await fetch(url, { signal });
    }
    return { steps };
  },
});
