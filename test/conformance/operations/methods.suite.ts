import { z } from "zod";
import { badRequest, defineMethod, errorInfo, StatusError } from "../../../src/index.ts";

/** The methods of the suite. */

/** Responds at once with twice the number. */
export const double = defineMethod({
  name: "double",
  request: z.strictObject({ number: z.number(), validateOnly: z.boolean().optional() }),
  response: z.object({ number: z.number() }),
  timeToLive: { default: "1h", max: "2h" },
  run: ({ number }) => ({ number: number * 2 }),
});

/** Responds with its request, whatever that is. */
export const echo = defineMethod({
  name: "echo",
  request: z.object({ value: z.json() }),
  response: z.object({ value: z.json() }),
  run: ({ value }) => ({ value }),
});

/** Has no response. */
export const nothing = defineMethod({ name: "nothing", request: z.object({}), run: () => {} });

/** Runs until it is cancelled. */
export const hold = defineMethod({
  name: "hold",
  request: z.object({}),
  run: (_request, { signal }) =>
    new Promise<void>((_, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason as Error));
    }),
});

/** The details of the failure of {@link fails}. */
export const DETAILS = [
  errorInfo({ reason: "DIRECTORY_LOCKED", domain: "archive.example.com", metadata: { directory: "d" } }),
  badRequest({ fieldViolations: [{ field: "directory", description: "Locked by ü." }] }),
];

/** Fails, on purpose or unexpectedly. */
export const fails = defineMethod({
  name: "fails",
  request: z.object({ onPurpose: z.boolean() }),
  response: z.object({}),
  retry: { attempts: 1 },
  run({ onPurpose }) {
    if (onPurpose)
      throw new StatusError("FAILED_PRECONDITION", "The directory is lockéd.", { details: DETAILS });
    throw new Error("secret text of the handler");
  },
});

/** A method that continues by one report each time the test allows it. */
export function steps() {
  const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const;
  const pack = defineMethod({
    name: "pack",
    request: z.object({}),
    response: z.object({ files: z.number() }),
    metadata: z.object({ progressPercent: z.number(), currentFile: z.string() }),
    async run(_request, context) {
      for (const [index, gate] of gates.entries()) {
        context.report({ progressPercent: index * 50, currentFile: `${index}.txt` });
        await gate.promise;
      }
      return { files: gates.length };
    },
  });
  return { pack, gates };
}
