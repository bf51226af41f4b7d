import { z } from "zod";
import { defineMethod } from "../../src/index.ts";

/** Stores and answers whatever it is given. Kept for seconds, so that what a run leaves behind stays small. */
export const echo = defineMethod({
  name: "echo",
  request: z.looseObject({ text: z.unknown() }),
  response: z.looseObject({ text: z.unknown() }),
  timeToLive: { default: "20s", min: "1s", max: "1m" },
  run: (request) => request,
});

/** Ends as a handler with a bug ends. */
export const fail = defineMethod({
  name: "fail",
  request: z.unknown(),
  timeToLive: { default: "20s", min: "1s", max: "1m" },
  retry: { attempts: 1 },
  run: () => {
    throw new Error("A handler failed");
  },
});
