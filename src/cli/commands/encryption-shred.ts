import { defineCommand } from "../command.ts";
import { OUTPUT_OPTION } from "../connect.ts";
import { keysText, tenantText, withResources } from "../encryption.ts";

/** `longrunning encryption shred TENANT`. */
export const encryptionShred = defineCommand({
  name: "encryption shred",
  summary: "Destroys the keys of a tenant, and with them the payloads of its operations, for good.",
  description: [
    "A tenant is what the access rules call so, otherwise the first collection of a parent and the id in it, such as projects/p; an empty " +
      "word stands for operations without a parent. Names, states and times of its operations stay. Nothing brings the payloads back but a backup of the store with its KEK.",
    "Processes that run know it within a minute; what the tenant starts until then is lost too. On SQLite stop the server for as long as it takes.",
  ],
  words: { usage: "TENANT", min: 1, max: 1 },
  options: {
    yes: { type: "boolean", default: false, help: "Does it. Without, it is told how many keys there are." },
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
      ? `Destroyed ${keysText(keys)} of ${tenantText(tenant)}`
      : `${keysText(keys)} of ${tenantText(tenant)}; nothing was destroyed. Destroy them with --yes`;
    io.stdout.write(
      `${options.output === "json" ? JSON.stringify({ tenant, keys, destroyed: options.yes }, null, 2) : line}\n`,
    );
    return "succeeded";
  },
});
