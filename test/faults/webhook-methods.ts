import { z } from "zod";
import { defineMethod, StatusError } from "../../src/index.ts";

/** Ends with any outcome, as the request says. */
export const pack = defineMethod({
  name: "pack",
  request: z.object({ fails: z.boolean() }),
  response: z.object({}),
  retry: { attempts: 100, initialDelay: "50ms", maxDelay: "50ms" },
  run: ({ fails }) => {
    if (fails) throw new StatusError("NOT_FOUND", "No such file.");
    return {};
  },
});
