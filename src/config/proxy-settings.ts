import type { SettingTable } from "./setting.ts";

const ALONE = "`longrunning proxy` alone reads it";

/** The settings of `longrunning proxy`. They are a part of `SETTINGS`. */
export const PROXY_SETTINGS = {
  upstream: {
    type: "address",
    schemes: ["http", "https"],
    example: "http://127.0.0.1:3000",
    noOption: ALONE,
    help: "The server that the proxy stands before: scheme, host and port.",
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
    help: "Requests that become operations whether or not they ask for it, separated by commas. None unless set.",
  },
  wait: {
    type: "duration",
    default: "0s",
    min: "0s",
    max: "60s",
    noOption: ALONE,
    help: "How long a request that --async names waits for its answer before it is told to ask again, unless it says so itself (Prefer: wait=5).",
  },
  upstreamTimeout: {
    type: "duration",
    default: "60s",
    min: "100ms",
    max: "1h",
    noOption: ALONE,
    help: "How long the upstream may take to begin its answer to a request that is passed through. The answer itself may take longer.",
  },
  asyncTimeout: {
    type: "duration",
    default: "1h",
    min: "100ms",
    max: "24h",
    noOption: ALONE,
    help: "How long the upstream may take to answer a request that is an operation, to the last byte.",
  },
} as const satisfies SettingTable;
