import { displaySettings } from "../../config/display.ts";
import { SERVE_KEYS } from "../../config/setting-keys.ts";
import { accessChecks } from "../checks/access.ts";
import { attentionChecks } from "../checks/attention.ts";
import { type Check, nodeCheck, serverCheck } from "../checks/check.ts";
import { defineCommand } from "../command.ts";
import { OUTPUT_OPTION } from "../connect.ts";
import { encryptionChecks } from "../checks/encryption.ts";
import type { Io } from "../io.ts";
import { storeChecks } from "../checks/store.ts";
import { oneLine, styleFor } from "../output/style.ts";
import { tableLines } from "../output/table.ts";
import { tlsChecks } from "../checks/tls.ts";

/** `longrunning doctor`. */
export const doctor = defineCommand({
  name: "doctor",
  summary: "Checks everything that serve needs, and says how to fix problems.",
  description: [
    "Use the same flags, environment and file as for serve. A server may be running. The command changes nothing. " +
      "It also shows the warnings of a running server, and requests the keys of the issuers in the access rules.",
  ],
  words: { usage: "", min: 0, max: 0 },
  options: {
    output: OUTPUT_OPTION,
    json: { type: "boolean", default: false, help: "The same as --output json." },
  },
  settings: [...SERVE_KEYS, "server", "ca"],
  examples: [
    "longrunning doctor",
    "longrunning doctor --store sqlite:/var/lib/archive/operations.db --output json | jq .checks",
  ],
  exits: ["succeeded", "failed", "usage"],
  async run(io, { options, settings }) {
    const shown = displaySettings(settings);
    const checks = [
      nodeCheck(process.versions.node),
      ...(await storeChecks(io, settings.store)),
      ...(await tlsChecks(io, settings)),
      ...(await accessChecks(io, settings)),
      ...(await encryptionChecks(io, settings)),
      await serverCheck(io, settings.server),
      ...(await attentionChecks(io, settings)),
    ];
    io.stdout.write(
      options.json || options.output === "json"
        ? `${JSON.stringify({ settings: Object.fromEntries(shown), checks }, null, 2)}\n`
        : report(io, shown, checks),
    );
    return checks.some((check) => check.status === "fail") ? "failed" : "succeeded";
  },
});

function report(io: Io, settings: readonly (readonly [string, string])[], checks: readonly Check[]): string {
  const style = styleFor(io, io.stdout);
  const paint = { ok: style.green, warn: style.yellow, fail: style.red };
  const lines = checks.flatMap(({ status, name, message, next }) => [
    `${paint[status](status.padEnd(4))}  ${style.bold(name)}: ${oneLine(message)}`,
    ...(next === undefined ? [] : [`      ${oneLine(next)}`]),
  ]);
  const rows = settings.map(([key, value]) => [`      ${key}`, oneLine(value)]);
  return `${["Settings:", ...tableLines(rows), "", ...lines].join("\n")}\n`;
}
