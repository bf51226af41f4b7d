import { defineCommand } from "../command.ts";
import { OUTPUT_OPTION } from "../connect.ts";
import { connectOperators, OPERATORS_KEYS, RANGE_OPTION } from "../operators/connect.ts";
import { printJson, printLines, tableSetting } from "../operators/print.ts";

/** `longrunning failures`. */
export const failures = defineCommand({
  name: "failures",
  summary: "Shows failures for operators: one line for each group of similar failures.",
  description: [
    "Failures are similar if method, code, reason and error text are equal, apart from numbers, ids, paths and quoted parts. " +
      "They are counted by whole hours, so the first hour may begin before the range.",
  ],
  words: { usage: "", min: 0, max: 0 },
  options: {
    range: RANGE_OPTION,
    method: { type: "string", default: "", help: "Only failures of this method." },
    output: OUTPUT_OPTION,
  },
  settings: OPERATORS_KEYS,
  examples: ["longrunning failures", "longrunning failures --method createArchive --range 24h"],
  exits: ["succeeded", "usage", "unreachable", "refused"],
  async run(io, { options, settings }) {
    const { range, method, output } = options;
    const { message, json } = await (await connectOperators(io, settings)).failures(range, method);
    if (output === "json") {
      printJson(io, json);
      return "succeeded";
    }
    const [{ failureLines }, { agoText }] = await Promise.all([
      import("../operators/overview.ts"),
      import("../operators/words.ts"),
    ]);
    const { since, asOf } = message;
    // Failures are counted in whole hours.
    printLines(
      io,
      failureLines(message.failures, tableSetting(io), asOf),
      `Nothing failed in the last ${agoText(since, asOf)}.`,
    );
    return "succeeded";
  },
});
