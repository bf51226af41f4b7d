import { CALLER_KEYS } from "../../config/setting-keys.ts";
import { defineCommand } from "../command.ts";
import { connect, OUTPUT_OPTION } from "../connect.ts";
import { WAITING_EXITS } from "../exit.ts";
import { watch } from "../watch.ts";

/** `longrunning wait NAME`. */
export const wait = defineCommand({
  name: "wait",
  summary: "Waits until an operation is done and shows its progress.",
  description: [
    "Progress goes to standard error: a bar on a terminal, otherwise a line for every change. The done operation " +
      "goes to standard output, and its outcome is the exit code.",
    "Ctrl-C and --timeout end the waiting, never the operation.",
    "If the server becomes unreachable, the command reports this within seconds, or within a minute if the server is silent. It " +
      "retries for about another minute before it exits with 6.",
  ],
  words: { usage: "NAME", min: 1, max: 1 },
  options: {
    timeout: { type: "duration", min: "1s", max: "365d", help: "Stops waiting after this." },
    output: OUTPUT_OPTION,
  },
  settings: CALLER_KEYS,
  examples: [
    "longrunning wait operations/0199aabb-ccdd-7eff-8000-000000000001",
    "longrunning wait operations/0199aabb-ccdd-7eff-8000-000000000001 --timeout 10m --output json | jq .response",
  ],
  exits: WAITING_EXITS,
  run: (io, { words, options, settings }) =>
    watch(io, connect(io, settings), words[0] ?? "", { ...options, server: settings.server }),
});
