/**
 * Fields of events: the kinds and meanings of their values. A field has the same meaning in every
 * event.
 */
export const FIELDS = {
  access: ["text", "The file of the access rules."],
  attempt: ["number", "The attempt of the operation, from 1."],
  blocker: ["text", "The session of the database that the migration waits for, and how to end it."],
  bytes: ["number", "Size of the answer's body or message in bytes."],
  clock: ["text", "The time on the machine's clock, in RFC 3339."],
  code: ["text", "The status code, such as NOT_FOUND; OK where there is no error."],
  count: ["number", "How many there are."],
  durationMs: ["number", "Milliseconds from start to end."],
  endpoint: ["text", "The name of the webhook endpoint."],
  error: ["unknown", "The error, with its stack and causes."],
  exception: ["text", "The message and stack of the error that the handler threw."],
  exitCode: ["number", "The exit code of the process."],
  failures: ["number", "The number of failures in a row."],
  file: ["text", "The file of the module, as in the command line."],
  gapMs: ["number", "Milliseconds by which the machine's clock is ahead of the store's."],
  host: ["text", "The address that the server listens on."],
  how: ["text", "The way in which it ended."],
  id: ["text", "The id of the operation, which is the last segment of its name."],
  kek: ["text", "The id of the key that encrypts keys."],
  key: ["text", "The id of the key that encrypts payloads."],
  kind: ["text", "`sqlite` or `postgres`."],
  lane: ["text", "The kind of commands in a batch, such as `insert`; on SQLite `write` and `purge`."],
  limit: ["number", "The largest number that was asked for."],
  loop: ["text", "The part of the sweep."],
  message: ["text", "The message of the error."],
  method: ["text", "The method of the operation. For a call over the network: the HTTP method, or `gRPC`."],
  methods: ["texts", "The declared methods."],
  ms: ["number", "Milliseconds."],
  name: ["text", "The name of the migration."],
  operation: ["text", "The name of the operation."],
  operations: ["texts", "The id and attempt of each operation; ten at most."],
  patience: ["text", "The number of running handlers and the time that they get, in words."],
  path: ["text", "The path of the call, without its query."],
  principal: ["text", "The principal that called, such as `anonymous` or `in-process`."],
  protocol: ["text", "`http`, or `https` where the connection has TLS."],
  reason: ["text", "The reason of the error; see errors.md."],
  requestId: ["text", "The id that the caller received, to quote in a report of this error."],
  resource: [
    "text",
    "The name of the operation. For starts and lists: the parent, which is empty for the root.",
  ],
  retryMs: ["number", "Milliseconds until the next try."],
  route: ["text", "The template of the address, such as `/v1/{name=**/operations/*}`."],
  rpc: ["text", "The RPC, such as `google.longrunning.Operations/GetOperation`."],
  running: ["number", "The number of running handlers."],
  server: ["text", "The address of the server that the worker works for, without a password."],
  state: ["text", "The state of the operation."],
  status: ["number", "The HTTP status."],
  store: [
    "text",
    "The address of the store, without a password. For an event about the clock: the store's time, in RFC 3339.",
  ],
  tenant: ["text", "The first collection of the parent and the id in it; empty where there is no parent."],
  tlsCert: ["text", "The file of the certificate."],
  traceparent: [
    "text",
    "The position in a trace, in the format of W3C Trace Context. For a call: the header that the caller sent. For an attempt: its span, or without tracing the header of the start. The log shows the parts, `traceId` and `spanId`.",
  ],
  url: ["text", "The address that the server listens on."],
  verb: ["text", "The action, such as `start` or `get`."],
  waiting: ["number", "The number of callers that wait now."],
  waitMs: ["number", "Milliseconds from when the operation could be claimed to the claim."],
  why: ["text", "The reason for the abort. For an endpoint: the reason why it is disabled."],
  worker: [
    "text",
    "The worker: one in each process, or `remote:` and the name of a worker over the network.",
  ],
  workers: ["texts", "The workers; ten at most."],
} as const satisfies Readonly<Record<string, readonly [kind: keyof Kinds, meaning: string]>>;

/** The kinds of values, as types. */
export interface Kinds {
  readonly text: string;
  readonly texts: readonly string[];
  readonly number: number;
  readonly unknown: unknown;
}
