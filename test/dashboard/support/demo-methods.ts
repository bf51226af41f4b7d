import { z } from "zod";
import { defineMethod, StatusError } from "../../../src/index.ts";

/**
 * The methods of a service with everything that an operator meets: failures, retries, waits for a
 * key, and long runs.
 */

/** Throws an error that callers never see. */
export const exportReport = defineMethod({
  name: "exportReport",
  description: "Makes a report of a month and sends it to its recipients.",
  request: z.object({
    report: z
      .string()
      .min(1)
      .meta({ examples: ["monthly-revenue"] }),
    rows: z.number().optional(),
  }),
  response: z.object({ sent: z.string() }),
  retry: { attempts: 3, initialDelay: "50ms", maxDelay: "100ms" },
  target: (request) => `reports/${request.report}`,
  run({ report }) {
    if (report === "relay") {
      throw new StatusError("UNAVAILABLE", "The relay timed out after 5000 ms.", { reason: "RELAY_TIMEOUT" });
    }
    if (report === "broken") throw new TypeError("Cannot read properties of undefined (reading 'total')");
    return { sent: report };
  },
});

/** Runs until it is cancelled or told to end. */
export const createArchive = defineMethod({
  name: "createArchive",
  description: "Packs a directory into a .tar.gz file.",
  request: z.object({
    directory: z
      .string()
      .min(1)
      .meta({ examples: ["/var/log"] }),
  }),
  response: z.object({ path: z.string() }),
  metadata: z.object({ progressPercent: z.number(), statusMessage: z.string() }),
  async run({ directory }, context) {
    context.report({ progressPercent: 62, statusMessage: `Packing ${directory}` });
    if (directory === "/quick") return { path: `${directory}.tar.gz` };
    await Promise.race([released(directory), aborted(context.signal)]);
    return { path: `${directory}.tar.gz` };
  },
});

/** One operation of a key at a time. */
export const resizeDisk = defineMethod({
  name: "resizeDisk",
  description: "Grows or shrinks a disk while it is attached.",
  request: z.object({ disk: z.string().min(1), gigabytes: z.number().default(10) }),
  parallel: { limit: 1, key: (request) => request.disk, when: "queue" },
  async run({ disk }, context) {
    await Promise.race([released(disk), aborted(context.signal)]);
  },
});

/** Lets the handler end that waits for this word. */
export const release = defineMethod({
  name: "release",
  description: "Lets a handler go on.",
  request: z.object({ word: z.string() }),
  run({ word }) {
    waiting.get(word)?.resolve();
  },
});

const waiting = new Map<string, PromiseWithResolvers<void>>();

function released(word: string): Promise<void> {
  const found = waiting.get(word) ?? Promise.withResolvers<void>();
  waiting.set(word, found);
  return found.promise;
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
  });
}
