import type { SettingTable } from "./setting.ts";

const ALONE = "`longrunning proxy` alone reads it";

/** The settings of `longrunning proxy`. They are a part of `SETTINGS`. */
export const PROXY_SETTINGS = {
  upstream: {
    type: "address",
    schemes: ["http", "https"],
    example: "http://127.0.0.1:3000",
    noOption: ALONE,
    help: "The server behind the proxy: scheme, host and port.",
  },
  async: {
    type: "list",
    placeholder: "PATTERNS",
    pattern: {
      form: /^(?:(?:[A-Za-z]+|\*) )?\/[^\s?#]*$/,
      description:
        'patterns such as "POST /reports/**", where * is a part of a segment and ** any number of segments',
    },
    noOption: ALONE,
    help: "Requests that always become operations, separated by commas. Default: none.",
  },
  wait: {
    type: "duration",
    default: "0s",
    min: "0s",
    max: "60s",
    noOption: ALONE,
    help: "How long a request in --async waits for its answer before the proxy returns 202; Prefer: wait=5 overrides it.",
  },
  upstreamTimeout: {
    type: "duration",
    default: "60s",
    min: "100ms",
    max: "1h",
    noOption: ALONE,
    help: "How long the upstream may take to begin its answer to a request that is passed through. The whole answer may take longer.",
  },
  forwardCredentials: {
    type: "boolean",
    default: false,
    noOption: ALONE,
    help: "Whether a request that becomes an operation is sent with its Authorization, Cookie and X-Api-Key. They are sealed with a key (kek) until the operation ends. Otherwise they are dropped.",
  },
  asyncTimeout: {
    type: "duration",
    default: "1h",
    min: "100ms",
    max: "24h",
    noOption: ALONE,
    help: "How long the upstream may take to answer a request that is an operation, including the last byte.",
  },
} as const satisfies SettingTable;
