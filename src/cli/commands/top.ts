import { defineCommand } from "../command.ts";
import { OUTPUT_OPTION } from "../connect.ts";
import { connectOperators, OPERATORS_KEYS, RANGE_OPTION } from "../operators/connect.ts";
import { printJson, printLines, tableSetting } from "../operators/print.ts";

/** `longrunning top`. */
export const top = defineCommand({
  name: "top",
  summary: "Shows the state of the service for operators: warnings, waiting, running and failed operations.",
  description: [
    "On a terminal it runs until q or Ctrl-C: j and k move between methods, Enter shows a method, p pauses or resumes it. " +
      "Without a terminal, or with --once, it prints the state once.",
  ],
  words: { usage: "", min: 0, max: 0 },
  options: {
    range: RANGE_OPTION,
    once: { type: "boolean", default: false, help: "Prints the state once and ends." },
    output: OUTPUT_OPTION,
  },
  settings: OPERATORS_KEYS,
  examples: [
    "longrunning top",
    "longrunning top --range 24h --once",
    "longrunning top --output json | jq .attention",
  ],
  exits: ["succeeded", "usage", "unreachable", "refused", "interrupted"],
  async run(io, { options, settings }) {
    const { range, once, output } = options;
    const client = await connectOperators(io, settings);
    if (io.stdout.isTerminal && !once && output === "text") {
      const { Top } = await import("../operators/top.ts");
      return await new Top(io, client, range).run();
    }
    const { message, json } = await client.summary(range);
    if (output === "json") {
      printJson(io, json);
      return "succeeded";
    }
    const { overviewLines } = await import("../operators/overview.ts");
    printLines(io, overviewLines(message, { ...tableSetting(io), range }), "");
    return "succeeded";
  },
});
