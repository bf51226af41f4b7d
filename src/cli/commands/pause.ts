import { defineCommand } from "../command.ts";
import { connectOperators, OPERATORS_KEYS } from "../operators/connect.ts";
import { oneLine } from "../output/style.ts";
import { serverFlag } from "../server-flag.ts";

/** `longrunning pause METHOD`. */
export const pause = defineCommand({
  name: "pause",
  summary: "Pauses a method, for operators: no new attempts of it begin, in any process.",
  description: [
    "Running attempts continue. Callers can still start operations, which wait. The pause lasts until the method is resumed, " +
      "also across restarts.",
  ],
  words: { usage: "METHOD", min: 1, max: 1 },
  options: {},
  settings: OPERATORS_KEYS,
  examples: ["longrunning pause createArchive"],
  exits: ["succeeded", "usage", "notFound", "unreachable", "refused"],
  async run(io, { words, settings }) {
    const [method = ""] = words;
    await (await connectOperators(io, settings)).pause(method);
    io.stderr.write(
      `Paused ${oneLine(method)}. Let it go on with: longrunning resume ${oneLine(method)}${serverFlag(settings.server)}\n`,
    );
    return "succeeded";
  },
});
