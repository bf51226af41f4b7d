import { z } from "zod";
import { remote } from "../../src/core/method/remote.ts";
import { defineMethod } from "../../src/core/method/method.ts";

/**
 * The methods that the server declares for workers under test. {@link Witness} controls their
 * handlers.
 */

const request = z.object({ url: z.string(), value: z.unknown().optional() });
const retry = { attempts: 3, initialDelay: "1ms", maxDelay: "1ms" } as const;

/** Responds with a value. */
export const steered = defineMethod({
  name: "steered",
  request,
  response: z.object({ value: z.unknown() }),
  metadata: z.object({ percent: z.number(), text: z.string().optional() }),
  retry,
  run: remote(),
});

/** Responds with an empty message. */
export const silent = defineMethod({ name: "silent", request, retry, run: remote() });

/** A declared method that no worker under test runs. */
export const foreign = defineMethod({ name: "foreign", request, retry, run: remote() });
