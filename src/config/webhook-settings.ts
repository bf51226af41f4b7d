import type { SettingTable } from "./setting.ts";

/** The settings of webhooks. They are a part of `SETTINGS`. */
export const WEBHOOK_SETTINGS = {
  webhooks: {
    type: "boolean",
    default: false,
    help: "Whether callers may create webhook endpoints, which receive events when operations end (docs/webhooks.md). Must be the same for all processes on a store.",
  },
  webhookEndpoints: {
    type: "string",
    placeholder: "FILE",
    noOption: "`webhookEndpoints` is the list itself",
    help: "A JSON file with webhook endpoints and their secrets; they are fixed while the server runs.",
  },
  webhookAllow: {
    type: "list",
    placeholder: "NETWORKS",
    pattern: {
      form: /^[0-9a-fA-F.:]+\/\d{1,3}$/,
      description: "networks such as 10.0.0.0/8 or fd00::/8",
    },
    help: "Private networks that webhooks may reach, separated by commas; over http too. Default: none.",
  },
  webhookProxy: {
    type: "address",
    schemes: ["http", "https"],
    example: "http://proxy.example.com:3128",
    secret: true,
    help: "The HTTP proxy that deliveries go through, with CONNECT. Default: none.",
  },
} as const satisfies SettingTable;
