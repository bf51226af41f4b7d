import { defineCommand } from "../command.ts";
import { OUTPUT_OPTION } from "../connect.ts";
import { connectOperators, OPERATORS_KEYS } from "../operators/connect.ts";
import { printJson } from "../operators/print.ts";
import { timeText } from "../operators/words.ts";
import { serverFlag } from "../server-flag.ts";

/** `longrunning keys create PRINCIPAL`. */
export const keysCreate = defineCommand({
  name: "keys create",
  summary: "Creates an API key for a principal and shows it once, for operators.",
  description: [
    "The command writes the key to standard output. It cannot be shown again, because the store holds only its hash. The access " +
      "rules define the permissions of its principal.",
  ],
  words: { usage: "PRINCIPAL", min: 1, max: 1 },
  options: {
    groups: {
      type: "list",
      placeholder: "GROUPS",
      pattern: { form: /^group:\S+$/, description: "groups such as group:packers" },
      help: "The groups of the principal in calls with this key, separated by commas.",
    },
    expiresIn: {
      type: "duration",
      min: "1m",
      max: "3650d",
      help: "How long the key is valid. Default: until it is revoked.",
    },
    environment: {
      type: "string",
      default: "live",
      placeholder: "WORD",
      pattern: { form: /^[a-z0-9]{1,16}$/, description: "up to 16 lower-case letters and digits" },
      help: "A word in the key that shows its purpose, such as live or test.",
    },
    output: OUTPUT_OPTION,
  },
  settings: OPERATORS_KEYS,
  examples: [
    "longrunning keys create serviceAccount:ci --expires-in 90d",
    "longrunning keys create serviceAccount:ci --output json | jq -r .key",
  ],
  exits: ["succeeded", "usage", "unreachable", "refused"],
  async run(io, { words, options, settings }) {
    const [principal = ""] = words;
    const { groups = [], expiresInMs, environment, output } = options;
    const expireTime =
      expiresInMs === undefined ? {} : { expireTime: new Date(io.clock.now() + expiresInMs).toISOString() };
    const client = await connectOperators(io, settings);
    const { message, json } = await client.createKey({ principal, groups, environment, ...expireTime });
    if (output === "json") {
      printJson(io, json);
      return "succeeded";
    }
    const { key, apiKey } = message;
    io.stdout.write(`${key}\n`);
    const end = timeText(apiKey?.expireTime);
    const until = end === undefined ? "until it is revoked" : `until ${end}`;
    io.stderr.write(`This is the only time that the key is shown. It is good ${until}.\n`);
    io.stderr.write(`Revoke it with: longrunning keys revoke ${apiKey?.id}${serverFlag(settings.server)}\n`);
    return "succeeded";
  },
});
