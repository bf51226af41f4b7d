import { defineCommand } from "../command.ts";
import { connectOperators, OPERATORS_KEYS } from "../operators/connect.ts";
import { oneLine } from "../output/style.ts";

/** `longrunning resume METHOD`. */
export const resume = defineCommand({
  name: "resume",
  summary: "Ends the pause of a method, for operators.",
  description: ["It does nothing if the method is not paused."],
  words: { usage: "METHOD", min: 1, max: 1 },
  options: {},
  settings: OPERATORS_KEYS,
  examples: ["longrunning resume createArchive"],
  exits: ["succeeded", "usage", "notFound", "unreachable", "refused"],
  async run(io, { words, settings }) {
    const [method = ""] = words;
    await (await connectOperators(io, settings)).resume(method);
    io.stderr.write(`Resumed ${oneLine(method)}.\n`);
    return "succeeded";
  },
});
