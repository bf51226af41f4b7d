import type { SettingTable } from "./setting.ts";

/** The settings of who may do what. They are a part of `SETTINGS`. */
export const ACCESS_SETTINGS = {
  access: {
    type: "string",
    option: "access.rules",
    placeholder: "FILE",
    pattern: { form: /./s, description: "a text that is not empty" },
    help: "The rules of who may do what, as a YAML or JSON file; docs/access.md says how they are written. Read again on SIGHUP.",
  },
  accessControl: {
    type: "boolean",
    default: true,
    help: "Whether a server that others than this machine can reach needs access rules. Without (--no-access-control) whoever reaches it may do everything: for networks and proxies that keep strangers away.",
  },
  queryCredentials: {
    type: "boolean",
    default: false,
    option: "access.queryCredentials",
    help: "Whether access tokens may come in the query (access_token=…), where proxies and browsers keep them. API keys may in any case (key=…), as with Google's services.",
  },
} as const satisfies SettingTable;
