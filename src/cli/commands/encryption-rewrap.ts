import { defineCommand } from "../command.ts";
import { countOf } from "../output/count.ts";
import { OUTPUT_OPTION } from "../connect.ts";
import { readKeks, withResources } from "../encryption.ts";

/** `longrunning encryption rewrap`. */
export const encryptionRewrap = defineCommand({
  name: "encryption rewrap",
  summary: "Rewraps all keys of a store with the first KEK, so that older KEKs are no longer needed.",
  description: [
    "Payloads do not change: only their keys are encrypted again. First give both KEKs to every process; then run this command with " +
      "the new KEK first and the old ones after it. On PostgreSQL the processes keep running; on SQLite stop the server first.",
  ],
  words: { usage: "", min: 0, max: 0 },
  options: { output: OUTPUT_OPTION },
  settings: ["store", "kek", "config"],
  examples: ["longrunning encryption rewrap --kek file:kek-2027,file:kek-2026"],
  exits: ["succeeded", "failed", "usage", "refused"],
  async run(io, { options, settings }) {
    const keks = await readKeks(io, settings);
    const { rewrapKeys } = await import("../../encryption/rotation.ts");
    const { rewrapped, missing } = await withResources(io, settings, {
      readOnly: false,
      use: (resources) => rewrapKeys(resources, keks, io.random),
    });
    const { id, source } = keks.first;
    if (options.output === "json") {
      const shown = { kek: id, rewrapped, missing: Object.fromEntries(missing) };
      io.stdout.write(`${JSON.stringify(shown, null, 2)}\n`);
    } else io.stdout.write(`Wrapped ${countOf(rewrapped, "key")} by the KEK ${id} (${source})\n`);
    for (const [kek, keys] of missing)
      io.stderr.write(
        `${countOf(keys, "key")} ${keys === 1 ? "is" : "are"} still wrapped by the KEK ${kek}, which this command does not have; add it to --kek\n`,
      );
    return missing.size > 0 ? "failed" : "succeeded";
  },
});
