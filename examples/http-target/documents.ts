import { z } from "zod";
// In a project of yours this is: from "longrunning".
import { defineMethod, httpTarget } from "../../src/index.ts";

const { TARGET_URL: url = "http://127.0.0.1:3000/count-words", TARGET_SECRET: secret = "" } = process.env;

/** `target.ts` does the work, or whatever else answers at the address. */
export const countWords = defineMethod({
  name: "countWords",
  description: "Counts the words of a text.",
  request: z.object({ text: z.string().max(100_000) }),
  response: z.object({ words: z.int(), longest: z.string() }),
  retry: { attempts: 5, initialDelay: "1s" },
  run: httpTarget({ url, timeout: "2m", auth: { secret } }),
});
