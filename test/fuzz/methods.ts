import { z } from "zod";
import { defineMethod } from "../../src/index.ts";

/**
 * Stores its request and responds with it. Kept for seconds, so that the data of a run stays small.
 */
export const echo = defineMethod({
  name: "echo",
  request: z.looseObject({ text: z.unknown() }),
  response: z.looseObject({ text: z.unknown() }),
  timeToLive: { default: "20s", min: "1s", max: "1m" },
  run: (request) => request,
});

/** Fails like a handler with a bug. */
export const fail = defineMethod({
  name: "fail",
  request: z.unknown(),
  timeToLive: { default: "20s", min: "1s", max: "1m" },
  retry: { attempts: 1 },
  run: () => {
    throw new Error("A handler failed");
  },
});
