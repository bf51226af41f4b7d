import { SETTINGS } from "../../config/settings.ts";
import { defineCommand } from "../command.ts";
import { connect, OUTPUT_OPTION } from "../connect.ts";
import { showRecord } from "../output/record.ts";
import { showOperation } from "../output/show.ts";

/** `longrunning get NAME`. */
export const get = defineCommand({
  name: "get",
  summary: "Shows an operation.",
  description: [
    "With --store it reads the record straight from the store, whether or not a server runs, and shows what operators " +
      "need and callers never see: request, worker, lease, attempts, and the exception of the last failed attempt.",
  ],
  words: { usage: "NAME", min: 1, max: 1 },
  options: {
    store: {
      type: "address",
      schemes: SETTINGS.store.schemes,
      example: SETTINGS.store.example,
      secret: true,
      help: "Reads the record from this store instead of asking the server; changes nothing.",
    },
    output: OUTPUT_OPTION,
  },
  settings: ["server", "config"],
  examples: [
    "longrunning get operations/0199aabb-ccdd-7eff-8000-000000000001",
    "longrunning get operations/0199aabb-ccdd-7eff-8000-000000000001 --output json | jq .metadata",
    "longrunning get operations/0199aabb-ccdd-7eff-8000-000000000001 --store sqlite:data/operations.db",
  ],
  exits: ["succeeded", "usage", "notFound", "unreachable", "refused"],
  async run(io, { words, options, settings }) {
    const [name = ""] = words;
    if (options.store !== undefined) {
      await showRecord(io, name, { store: options.store, output: options.output });
      return "succeeded";
    }
    showOperation(io, await connect(io, settings).get(name), options.output);
    return "succeeded";
  },
});
