import { defineCommand } from "../command.ts";
import { connect, OUTPUT_OPTION } from "../connect.ts";
import { WAITING_EXITS } from "../exit.ts";
import { watch } from "../watch.ts";

/** `longrunning wait NAME`. */
export const wait = defineCommand({
  name: "wait",
  summary: "Waits until an operation is done and shows how it goes.",
  description: [
    "Progress goes to standard error: a bar on a terminal, a line for every change elsewhere. The finished operation " +
      "goes to standard output, and its outcome is the exit code.",
    "Ctrl-C and --timeout end the waiting, never the operation.",
    "Where the server goes away, it says so within seconds, and where it is silent, within a minute. It waits for it, for about a " +
      "minute more, before it exits with 6.",
  ],
  words: { usage: "NAME", min: 1, max: 1 },
  options: {
    timeout: { type: "duration", min: "1s", max: "365d", help: "Stops waiting after this." },
    output: OUTPUT_OPTION,
  },
  settings: ["server", "config"],
  examples: [
    "longrunning wait operations/0199aabb-ccdd-7eff-8000-000000000001",
    "longrunning wait operations/0199aabb-ccdd-7eff-8000-000000000001 --timeout 10m --output json | jq .response",
  ],
  exits: WAITING_EXITS,
  run: (io, { words, options, settings }) =>
    watch(io, connect(io, settings), words[0] ?? "", { ...options, server: settings.server }),
});
