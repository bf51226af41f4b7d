import { SettingsError } from "../../config/parse.ts";
import { SETTINGS } from "../../config/settings.ts";
import { CALLER_KEYS } from "../../config/setting-keys.ts";
import { defineCommand } from "../command.ts";
import { connect, OUTPUT_OPTION } from "../connect.ts";
import { connectOperators } from "../operators/connect.ts";
import { printJson } from "../operators/print.ts";
import { showRecord } from "../output/record.ts";
import { showOperation } from "../output/show.ts";

/** `longrunning get NAME`. */
export const get = defineCommand({
  name: "get",
  summary: "Shows an operation.",
  description: [
    "With --admin the server also shows data that callers never see: request, worker, lease, attempts, and the exception " +
      "of the last failed attempt. With --store the command reads the same data directly from the store; a server need not run.",
  ],
  words: { usage: "NAME", min: 1, max: 1 },
  options: {
    admin: { type: "boolean", default: false, help: "Shows the operators' view of the server." },
    store: {
      type: "address",
      schemes: SETTINGS.store.schemes,
      example: SETTINGS.store.example,
      secret: true,
      help: "Reads the record from this store instead of asking the server; changes nothing.",
    },
    output: OUTPUT_OPTION,
  },
  settings: [...CALLER_KEYS, "adminToken"],
  examples: [
    "longrunning get operations/0199aabb-ccdd-7eff-8000-000000000001",
    "longrunning get operations/0199aabb-ccdd-7eff-8000-000000000001 --output json | jq .metadata",
    "longrunning get operations/0199aabb-ccdd-7eff-8000-000000000001 --admin",
    "longrunning get operations/0199aabb-ccdd-7eff-8000-000000000001 --store sqlite:data/operations.db",
  ],
  exits: ["succeeded", "usage", "notFound", "unreachable", "refused"],
  async run(io, { words, options, settings }) {
    const [name = ""] = words;
    if (options.admin && options.store !== undefined)
      throw new SettingsError([
        "admin: asks the server, and --store reads without one; leave one of them out",
      ]);
    if (options.store !== undefined) {
      await showRecord(io, name, { store: options.store, output: options.output });
      return "succeeded";
    }
    if (options.admin) {
      const { message, json } = await (await connectOperators(io, settings)).record(name);
      if (options.output === "json") printJson(io, json);
      else io.stdout.write((await import("../operators/record-text.ts")).recordText(io, message));
      return "succeeded";
    }
    showOperation(io, await connect(io, settings).get(name), options.output);
    return "succeeded";
  },
});
