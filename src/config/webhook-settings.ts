import type { SettingTable } from "./setting.ts";

/** The settings of webhooks. They are a part of `SETTINGS`. */
export const WEBHOOK_SETTINGS = {
  webhooks: {
    type: "boolean",
    default: false,
    help: "Whether callers may make webhook endpoints, which are told of the ends of operations; docs/webhooks.md tells how. Every process on a store needs the same.",
  },
  webhookEndpoints: {
    type: "string",
    placeholder: "FILE",
    noOption: "`webhookEndpoints` is the list itself",
    help: "A JSON file with a list of webhook endpoints, and their secrets, that nobody changes while the server runs.",
  },
  webhookAllow: {
    type: "list",
    placeholder: "NETWORKS",
    pattern: {
      form: /^[0-9a-fA-F.:]+\/\d{1,3}$/,
      description: "networks such as 10.0.0.0/8 or fd00::/8",
    },
    help: "Networks that webhooks may reach besides the public one, separated by commas; over http too. None unless set.",
  },
} as const satisfies SettingTable;
