import type { SettingTable } from "./setting.ts";

/** The settings of access rules. They are a part of `SETTINGS`. */
export const ACCESS_SETTINGS = {
  access: {
    type: "string",
    option: "access.rules",
    placeholder: "FILE",
    pattern: { form: /./s, description: "a text that is not empty" },
    help: "The access rules: a YAML or JSON file, described in docs/access.md. Read again on SIGHUP.",
  },
  accessControl: {
    type: "boolean",
    default: true,
    help: "Whether a server that other machines can reach needs access rules. With --no-access-control every client that reaches it may do everything; use it only behind a proxy or in a private network.",
  },
  queryCredentials: {
    type: "boolean",
    default: false,
    option: "access.queryCredentials",
    help: "Whether the query may contain an access token (access_token=…). Proxies and browsers often log queries. API keys are always allowed there (key=…), as in Google's services.",
  },
} as const satisfies SettingTable;
