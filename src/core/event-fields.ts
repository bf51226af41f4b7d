/**
 * Fields of events: the kinds and meanings of their values. A field has the same meaning in every
 * event.
 */
export const FIELDS = {
  access: ["text", "The file of the access rules."],
  attempt: ["number", "The attempt of the operation, from 1."],
  blocker: ["text", "The session of the database that the migration waits for, and how to end it."],
  bytes: ["number", "Bytes of the body, or of the message, that was answered."],
  clock: ["text", "The time on the machine's clock, in RFC 3339."],
  code: ["text", "The status code, such as NOT_FOUND; OK where there is no error."],
  count: ["number", "How many there are."],
  durationMs: ["number", "Milliseconds from beginning to end."],
  endpoint: ["text", "The name of the webhook endpoint."],
  error: ["unknown", "The error, with its stack and causes."],
  exception: ["text", "Message and stack of the error that the handler threw."],
  exitCode: ["number", "The exit code of the process."],
  failures: ["number", "Failures in a row."],
  gapMs: ["number", "Milliseconds by which the machine's clock is ahead of the store's."],
  host: ["text", "The address that the server listens on."],
  how: ["text", "The way in which it ended."],
  id: ["text", "The id of the operation, which is the last segment of its name."],
  kek: ["text", "The id of the key that encrypts keys."],
  key: ["text", "The id of the key that encrypts payloads."],
  kind: ["text", "`sqlite` or `postgres`."],
  lane: ["text", "The kind of commands in a batch, such as `insert`; on SQLite `write` and `purge`."],
  limit: ["number", "The number at most."],
  loop: ["text", "The part of the sweep."],
  message: ["text", "The message of the error."],
  method: ["text", "The method of the operation. Of a call over the network: the method of HTTP, or `gRPC`."],
  methods: ["texts", "The declared methods."],
  ms: ["number", "Milliseconds."],
  name: ["text", "The name of the migration."],
  operation: ["text", "The name of the operation."],
  operations: ["texts", "Id and attempt of the operations; ten at most."],
  patience: ["text", "The number of handlers that run and the time that they have, in words."],
  path: ["text", "The path of the call, without its query."],
  principal: ["text", "The principal that called, such as `anonymous` or `in-process`."],
  protocol: ["text", "`http`, or `https` where the connection has TLS."],
  reason: ["text", "The reason of the error; see errors.md."],
  requestId: ["text", "The id that the caller was given to name this error by."],
  resource: [
    "text",
    "The name of the operation; of starts and lists the parent, which is empty for the root.",
  ],
  retryMs: ["number", "Milliseconds until the next try."],
  route: ["text", "The template of the address, such as `/v1/{name=**/operations/*}`."],
  rpc: ["text", "The RPC, such as `google.longrunning.Operations/GetOperation`."],
  running: ["number", "Handlers that run."],
  server: ["text", "The address of the server that the worker works for, without a password."],
  state: ["text", "The state of the operation."],
  status: ["number", "The HTTP status."],
  store: [
    "text",
    "The address of the store, without a password. Of a clock's event: the time of the store, in RFC 3339.",
  ],
  tenant: ["text", "The first collection of the parent and the id in it; empty where there is no parent."],
  tlsCert: ["text", "The file of the certificate."],
  traceparent: [
    "text",
    "Where it is in a trace, as W3C Trace Context writes it: of a call as the caller sent it, of an attempt its span, or where nobody traces that of its start. The log shows its parts, `traceId` and `spanId`.",
  ],
  url: ["text", "The address that the server listens on."],
  verb: ["text", "What was to be done, such as `start` or `get`."],
  waiting: ["number", "Callers that wait now."],
  waitMs: ["number", "Milliseconds from when the operation could be claimed to the claim."],
  why: ["text", "The reason of the abort; of an endpoint, why it is disabled."],
  worker: ["text", "The worker, which is one in each process."],
  workers: ["texts", "The workers; ten at most."],
} as const satisfies Readonly<Record<string, readonly [kind: keyof Kinds, meaning: string]>>;

/** The kinds of values, as types. */
export interface Kinds {
  readonly text: string;
  readonly texts: readonly string[];
  readonly number: number;
  readonly unknown: unknown;
}
