import { defineCommand } from "../command.ts";
import { countOf } from "../output/count.ts";
import { OUTPUT_OPTION } from "../connect.ts";
import { tenantText, withResources } from "../encryption.ts";

/** `longrunning encryption shred TENANT`. */
export const encryptionShred = defineCommand({
  name: "encryption shred",
  summary: "Destroys the keys of a tenant. The payloads of its operations are then lost permanently.",
  description: [
    "The access rules define tenants; otherwise a tenant is the first collection of a parent and the id in it, such as projects/p. An " +
      "empty TENANT means operations without a parent. Names, states and times of the operations stay. Only a backup of the store with its KEK can restore the payloads.",
    "Running processes notice this within a minute; payloads that the tenant adds in that minute are lost too. On SQLite stop the server first.",
  ],
  words: { usage: "TENANT", min: 1, max: 1 },
  options: {
    yes: {
      type: "boolean",
      default: false,
      help: "Destroys the keys. Without it the command only shows the number of keys.",
    },
    output: OUTPUT_OPTION,
  },
  settings: ["store", "config"],
  examples: ["longrunning encryption shred projects/p", "longrunning encryption shred projects/p --yes"],
  exits: ["succeeded", "usage", "refused"],
  async run(io, { words, options, settings }) {
    const [tenant = ""] = words;
    const { keysOfTenant, shredTenant } = await import("../../encryption/rotation.ts");
    const keys = await withResources(io, settings, {
      readOnly: !options.yes,
      use: (resources, store) =>
        options.yes ? shredTenant(resources, tenant, store.time()) : keysOfTenant(resources, tenant),
    });
    const line = options.yes
      ? `Destroyed ${countOf(keys, "key")} of ${tenantText(tenant)}`
      : `${countOf(keys, "key")} of ${tenantText(tenant)}; nothing was destroyed. Destroy them with --yes`;
    io.stdout.write(
      `${options.output === "json" ? JSON.stringify({ tenant, keys, destroyed: options.yes }, null, 2) : line}\n`,
    );
    return "succeeded";
  },
});
