import { defineCommand } from "../command.ts";
import { OUTPUT_OPTION } from "../connect.ts";
import { connectOperators, OPERATORS_KEYS } from "../operators/connect.ts";
import { printJson, printLines, tableSetting } from "../operators/print.ts";

/** `longrunning keys list`. */
export const keysList = defineCommand({
  name: "keys list",
  summary: "Lists the API keys in the store, without their secrets, for operators.",
  description: ["The time of the last use is accurate to an hour. Keys in the access rules are not listed."],
  words: { usage: "", min: 0, max: 0 },
  options: { output: OUTPUT_OPTION },
  settings: OPERATORS_KEYS,
  examples: ["longrunning keys list", "longrunning keys list --output json | jq -r '.apiKeys[].principal'"],
  exits: ["succeeded", "usage", "unreachable", "refused"],
  async run(io, { options, settings }) {
    const { message, json } = await (await connectOperators(io, settings)).keys();
    if (options.output === "json") {
      printJson(io, json);
      return "succeeded";
    }
    const { keyLines } = await import("../operators/key-lines.ts");
    const lines = keyLines(message.apiKeys, tableSetting(io));
    printLines(io, lines, "No API key is in the store; make one with: longrunning keys create PRINCIPAL");
    return "succeeded";
  },
});
