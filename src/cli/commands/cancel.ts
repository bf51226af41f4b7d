import { defineCommand } from "../command.ts";
import { connect, OUTPUT_OPTION } from "../connect.ts";
import { WAITING_EXITS } from "../exit.ts";
import { oneLine } from "../output/style.ts";
import { serverFlag, watch } from "../watch.ts";

/** `longrunning cancel NAME`. */
export const cancel = defineCommand({
  name: "cancel",
  summary: "Asks an operation to stop.",
  description: [
    "The answer comes at once; the handler is told and stops when it can, so the operation may still succeed. Asking " +
      "again, or too late, is harmless. With --wait the exit code is the outcome: 3 when it was cancelled.",
  ],
  words: { usage: "NAME", min: 1, max: 1 },
  options: {
    wait: { type: "boolean", default: false, help: "Waits until it is done, as the command wait does." },
    timeout: { type: "duration", min: "1s", max: "365d", help: "With --wait: stops waiting after this." },
    output: OUTPUT_OPTION,
  },
  settings: ["server", "config"],
  examples: ["longrunning cancel operations/0199aabb-ccdd-7eff-8000-000000000001 --wait"],
  exits: WAITING_EXITS,
  async run(io, { words, options, settings }) {
    const [name = ""] = words;
    const client = connect(io, settings);
    await client.cancel(name);
    io.stderr.write(`Asked ${oneLine(name)} to stop.\n`);
    if (options.wait) return await watch(io, client, name, { ...options, server: settings.server });
    io.stderr.write(
      `See what becomes of it with: longrunning wait ${oneLine(name)}${serverFlag(settings.server)}\n`,
    );
    return "succeeded";
  },
});
