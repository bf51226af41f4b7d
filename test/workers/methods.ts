import { z } from "zod";
import { remote } from "../../src/core/method/remote.ts";
import { defineMethod } from "../../src/core/method/method.ts";

/** What the server declares for workers under test. Their handlers do what {@link Witness} tells them to. */

const request = z.object({ url: z.string(), value: z.unknown().optional() });
const retry = { attempts: 3, initialDelay: "1ms", maxDelay: "1ms" } as const;

/** Answers with a value. */
export const steered = defineMethod({
  name: "steered",
  request,
  response: z.object({ value: z.unknown() }),
  metadata: z.object({ percent: z.number(), text: z.string().optional() }),
  retry,
  run: remote(),
});

/** Answers with nothing. */
export const silent = defineMethod({ name: "silent", request, retry, run: remote() });

/** Is declared, and not the work of any worker under test. */
export const foreign = defineMethod({ name: "foreign", request, retry, run: remote() });
