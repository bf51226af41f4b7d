import { defineCommand } from "../command.ts";
import { OUTPUT_OPTION } from "../connect.ts";
import { connectOperators, OPERATORS_KEYS } from "../operators/connect.ts";
import { printJson, printLines, tableSetting } from "../operators/print.ts";

/** `longrunning workers`. */
export const workers = defineCommand({
  name: "workers",
  summary: "Shows the processes of the service, for operators.",
  description: [
    "A process that is silent for half a minute has stopped or lost its connection; other processes take over its operations when their leases expire.",
  ],
  words: { usage: "", min: 0, max: 0 },
  options: { output: OUTPUT_OPTION },
  settings: OPERATORS_KEYS,
  examples: ["longrunning workers", "longrunning workers --output json | jq -r '.workers[].worker'"],
  exits: ["succeeded", "usage", "unreachable", "refused"],
  async run(io, { options, settings }) {
    const { message, json } = await (await connectOperators(io, settings)).workers();
    if (options.output === "json") {
      printJson(io, json);
      return "succeeded";
    }
    const { workerLines } = await import("../operators/worker-lines.ts");
    const lines = workerLines(message.workers, tableSetting(io), message.asOf);
    printLines(io, lines, "No process is known; start one with: longrunning serve FILE…");
    return "succeeded";
  },
});
