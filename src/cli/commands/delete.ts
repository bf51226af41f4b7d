import { CALLER_KEYS } from "../../config/setting-keys.ts";
import { defineCommand } from "../command.ts";
import { connect } from "../connect.ts";
import { oneLine } from "../output/style.ts";

/** `longrunning delete NAME`. */
export const deleteCommand = defineCommand({
  name: "delete",
  summary: "Removes the record of an operation.",
  description: [
    "It does not cancel the operation: a running handler continues, and its result is dropped. To stop the handler, " +
      "cancel the operation first.",
  ],
  words: { usage: "NAME", min: 1, max: 1 },
  options: {},
  settings: CALLER_KEYS,
  examples: ["longrunning delete operations/0199aabb-ccdd-7eff-8000-000000000001"],
  exits: ["succeeded", "usage", "notFound", "unreachable", "refused"],
  async run(io, { words, settings }) {
    const [name = ""] = words;
    await connect(io, settings).delete(name);
    io.stderr.write(`Deleted ${oneLine(name)}\n`);
    return "succeeded";
  },
});
