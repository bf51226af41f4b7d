import { defineCommand } from "../command.ts";
import { countOf } from "../output/count.ts";
import { OUTPUT_OPTION } from "../connect.ts";
import { dayText, readKeks, withResources } from "../encryption.ts";

/** `longrunning encryption status`. */
export const encryptionStatus = defineCommand({
  name: "encryption status",
  summary: "Shows the encryption keys of a store and the KEKs that they need.",
  description: [
    "A server may be running. The command changes nothing and needs no key; with --kek it shows which of the needed KEKs are available.",
  ],
  words: { usage: "", min: 0, max: 0 },
  options: { output: OUTPUT_OPTION },
  settings: ["store", "kek", "config"],
  examples: [
    "longrunning encryption status",
    "longrunning encryption status --kek file:kek --output json | jq .keks",
  ],
  exits: ["succeeded", "usage", "refused"],
  async run(io, { options, settings }) {
    const keks = settings.kek === undefined ? undefined : await readKeks(io, settings);
    const { statusOf } = await import("../../encryption/rotation.ts");
    const status = await withResources(io, settings, { readOnly: true, use: statusOf });
    const sources = new Map(keks?.all.map(({ id, source }) => [id, source]));
    const shown = status.keks.map(({ id, keys }) => ({
      id,
      keys,
      ...(keks === undefined ? {} : { source: sources.get(id) ?? null }),
    }));
    const oldestDay = status.oldestDay === null ? null : dayText(status.oldestDay);
    if (options.output === "json") {
      io.stdout.write(`${JSON.stringify({ ...status, keks: shown, oldestDay }, null, 2)}\n`);
      return "succeeded";
    }
    const { keys, tenants, shredded } = status;
    const since = oldestDay === null ? "" : `, the oldest of ${oldestDay}`;
    const lines = [
      `${countOf(keys, "key")} of ${countOf(tenants, "tenant")}${since}; ${shredded} shredded`,
      ...shown.map(({ id, keys: count, source }) => {
        const where = source === undefined ? "" : source === null ? ", not available" : `, from ${source}`;
        return `KEK ${id}: wraps ${count}${where}`;
      }),
    ];
    io.stdout.write(`${lines.join("\n")}\n`);
    return "succeeded";
  },
});
