import type { SettingTable } from "./setting.ts";

/** A header whose value has no commas, because commas separate headers. */
const HEADER = /^[\w!#$%&'*+.^`|~-]+:[ \t]*[^\s,][^\r\n\0,]*$/;
const SECRET = { form: /^[\x21-\x7e]{1,8192}$/, description: "characters of ASCII without spaces" };

/** Settings of `longrunning work`. They are a part of `SETTINGS`. */
export const WORKER_SETTINGS = {
  parent: {
    type: "string",
    placeholder: "COLLECTION",
    noOption: "`openWorker` has it",
    pattern: { form: /./s, description: "a collection such as projects/p" },
    help: "The collection whose operations work runs, with all collections below it. Default: all collections.",
  },
  token: {
    type: "string",
    placeholder: "TOKEN",
    secret: true,
    noOption: "`openWorker` has `credentials.token`",
    pattern: SECRET,
    help: "The bearer token that client commands send to the server.",
  },
  apiKey: {
    type: "string",
    placeholder: "KEY",
    secret: true,
    noOption: "`openWorker` has `credentials.apiKey`",
    pattern: SECRET,
    help: "The API key that client commands send to the server.",
  },
  header: {
    type: "list",
    placeholder: "HEADERS",
    secret: true,
    noOption: "`openWorker` has `headers`",
    pattern: { form: HEADER, description: "headers such as x-team:archive" },
    help: "Headers that client commands send with every call, separated by commas, for example for a proxy; over gRPC they are metadata.",
  },
  ca: {
    type: "string",
    placeholder: "FILE",
    noOption: "Node reads NODE_EXTRA_CA_CERTS",
    pattern: { form: /./s, description: "the path of a file" },
    help: "The authorities of the server's certificate, as a PEM file, if it is not issued by a public authority.",
  },
} as const satisfies SettingTable;
