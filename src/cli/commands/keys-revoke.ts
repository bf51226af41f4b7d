import { defineCommand } from "../command.ts";
import { connectOperators, OPERATORS_KEYS } from "../operators/connect.ts";
import { oneLine } from "../output/style.ts";

/** `longrunning keys revoke ID`. */
export const keysRevoke = defineCommand({
  name: "keys revoke",
  summary: "Revokes an API key in every process, for operators.",
  description: ["Within two seconds the key is refused and waits that use it end. keys list shows the ID."],
  words: { usage: "ID", min: 1, max: 1 },
  options: {},
  settings: OPERATORS_KEYS,
  examples: ["longrunning keys revoke 7f3c9b1e5a2d4c60"],
  exits: ["succeeded", "usage", "notFound", "unreachable", "refused"],
  async run(io, { words, settings }) {
    const [id = ""] = words;
    await (await connectOperators(io, settings)).revokeKey(id);
    io.stderr.write(`Revoked ${oneLine(id)}.\n`);
    return "succeeded";
  },
});
