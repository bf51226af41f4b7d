import type { FIELDS, Kinds } from "./event-fields.ts";

/**
 * The table of all events of the service. Engine, store, worker and server emit them. The log is
 * written from them (`core/event-log.ts`), tests await them by name, and metrics and traces are
 * derived from them.
 *
 * Names are `thing.what-happened`. Times are in milliseconds and counts are whole numbers. A test
 * compares `docs/events.md` with these two tables.
 */

type FieldName = keyof typeof FIELDS;
/** A question mark after the name means that the event may lack the field. */
type FieldSpec = FieldName | `${FieldName}?`;

/** The log level of an event; undefined if it is not logged. */
type Level = "debug" | "info" | "warn" | "error" | undefined;

interface Declared<Fields extends readonly FieldSpec[]> {
  readonly level: Level;
  /** `{field}` is replaced by the value of the field; the log does not repeat that field. */
  readonly sentence: string;
  readonly fields: Fields;
}

const at =
  (level: Level) =>
  <const Fields extends readonly FieldSpec[]>(sentence: string, ...fields: Fields): Declared<Fields> => ({
    level,
    sentence,
    fields,
  });
const [quiet, debug, info, warn, error] = [at(undefined), at("debug"), at("info"), at("warn"), at("error")];

const ATTEMPT = ["operation", "method", "attempt"] as const;
/** An attempt as its worker reports it. */
const OWN_ATTEMPT = [...ATTEMPT, "traceparent?"] as const;
const CALL = ["method", "path"] as const;
/** Unknown for code outside of handlers. */
const STRAY = ["operation?", "method?", "attempt?", "traceparent?", "error"] as const;

/** The events. The sentence of an event with a level is its message in the log. */
export const EVENTS = {
  "operation.started": quiet("An operation was stored.", "operation", "method"),
  "operation.contended": quiet(
    "A change of an operation is decided again: another was faster.",
    "operation",
    "method",
  ),
  "operation.cancel-requested": quiet("A caller asked a running operation to cancel.", ...ATTEMPT),
  "operation.ended": quiet(
    "An operation ended. Its duration counts from its creation.",
    ...ATTEMPT,
    "state",
    "code?",
    "durationMs",
  ),
  "operation.deleted": quiet("A caller deleted an operation.", "operation"),

  "call.ended": quiet(
    "A use case ended, however it was called. Each start of many is one.",
    "verb",
    "principal",
    "resource",
    "method?",
    "code",
    "reason?",
    "durationMs",
  ),
  "http.ended": quiet(
    "A request of HTTP was answered, or its caller hung up. There is no route where nothing is at the address.",
    "method",
    "protocol",
    "route?",
    "status",
    "durationMs",
  ),
  "grpc.ended": quiet("A call of gRPC was answered.", "rpc", "code", "durationMs"),
  "request.answered": info(
    "request",
    ...CALL,
    "status",
    "code",
    "durationMs",
    "bytes",
    "principal?",
    "traceparent?",
  ),
  "rpc.answered": info("call", ...CALL, "code", "durationMs", "bytes", "principal?", "traceparent?"),
  "call.refused": quiet("An edge answered a call with an error.", ...CALL, "code", "reason?"),
  "call.failed": error("A call failed: {message}", ...CALL, "message", "requestId?", "reason?", "error"),
  "call.crashed": error("A call failed unexpectedly", ...CALL, "requestId", "error"),

  "waiter.entered": quiet("A caller began to wait for an operation.", "id", "waiting"),
  "waiter.released": quiet(
    "A caller waits no more: it was `told` of the end, or its time is `over`.",
    "id",
    "how",
    "waiting",
  ),

  "claim.sent": quiet("A worker asked for operations.", "worker", "limit"),
  "claim.answered": quiet("The store answered a claim.", "worker", "limit", "count", "durationMs"),
  "claim.failed": quiet("The store did not answer a claim.", "worker", "error"),
  "claim.unreturned": warn("a claim could not be given back; its lease will expire", "operation", "error"),
  "claims.interrupted": warn("claims are not answered; trying again until they are", "error"),
  "claims.resumed": info("claims are answered again"),

  "attempt.claimed": quiet("A worker has an operation to run.", ...ATTEMPT, "worker", "waitMs"),
  "attempt.late": warn("a claim was answered too late to be trusted; giving it back", ...OWN_ATTEMPT),
  "attempt.began": quiet("A handler was called.", ...OWN_ATTEMPT),
  "attempt.reported": quiet("A handler's report was stored, and the lease was renewed.", ...OWN_ATTEMPT),
  "attempt.report-failed": debug(
    "a report could not be written; it goes with the next",
    ...OWN_ATTEMPT,
    "error",
  ),
  "attempt.aborted": quiet("The signal of a handler was aborted.", ...OWN_ATTEMPT, "why"),
  "attempt.lost": warn("an attempt lost its operation; its result will not count", ...OWN_ATTEMPT),
  "attempt.threw": warn("a handler failed unexpectedly", ...OWN_ATTEMPT, "exception"),
  "attempt.write-failed": quiet(
    "The end of an attempt was not written.",
    ...OWN_ATTEMPT,
    "failures",
    "error",
  ),
  "attempt.write-delayed": warn(
    "the end of an attempt could not be written; trying again",
    ...OWN_ATTEMPT,
    "error",
  ),
  "attempt.refused": debug("an attempt that is not the current one any more was refused", ...OWN_ATTEMPT),
  "attempt.dropped": debug(
    "nothing was written of an attempt that lost its lease or its operation",
    ...OWN_ATTEMPT,
  ),
  "attempt.crashed": error(
    "a bug kept an attempt from being ended; its lease will expire",
    ...OWN_ATTEMPT,
    "error",
  ),
  "attempt.ended": quiet(
    "An attempt ended: `completed`, `failed`, `released`, `handed-over`, `refused` or `dropped`.",
    ...OWN_ATTEMPT,
    "how",
    "durationMs",
  ),
  "attempt.abandoned": warn(
    "a handler did not stop when it was told to: its operation is given back, and it must not run on beside the next attempt",
    ...OWN_ATTEMPT,
  ),
  "worker.gave-up": warn("stopping without having ended every attempt; their leases will expire", "running"),

  "lease.expired": quiet("The sweep ended an attempt whose lease had passed.", ...ATTEMPT, "worker", "how"),
  "leases.expired": warn(
    "leases expired: their workers vanished or were stopped too long",
    "count",
    "workers",
    "operations",
  ),
  "leases.not-renewed": warn("leases could not be renewed; trying again", "count", "error"),
  "leases.inherited": info("ended the leases of the process before", "count"),
  "leases.unattended": error("the thread that renews leases died; restart the process", "error"),
  "method.paused": info("method {method} is paused: no new attempt of it begins, in any process", "method"),
  "method.resumed": info("method {method} is not paused any more", "method"),
  "statistics.interrupted": warn("statistics cannot be written; trying again with the next", "error"),
  "statistics.refused": error("the store cannot keep some statistics: they are dropped", "count", "error"),
  "sweep.purged": debug("removed operations past their time to live", "count"),
  "sweep.passed-over": error(
    "the sweep cannot {verb} an operation; it goes on with the others and tries again later",
    "verb",
    "id",
    "failures",
    "retryMs",
    "count",
    "error",
  ),
  "sweep.failed": error("the sweep failed and will go on trying", "loop", "error"),
  "sweep.recovered": info("the sweep works again", "loop"),

  "store.opened": quiet("A store was opened.", "kind", "durationMs"),
  "store.batch-ended": quiet(
    "The store carried out a batch of commands.",
    "lane",
    "count",
    "durationMs",
    "error?",
  ),
  "store.lost": error("{message}", "message", "error?"),
  "store.lock-missing": warn("the store's lock was deleted; waiting, in case a server is still there", "ms"),
  "store.listener-failed": error("a listener of the store threw; the others were told all the same", "error"),
  "channel.connected": quiet("This process hears of changes by other processes."),
  "channel.ended": info("listening to the database ended; beginning again"),
  "channel.failed": warn("the database cannot be listened to; trying again", "error"),
  "migration.began": info("applying a migration", "name"),
  "migration.waits": warn("the migration waits for {blocker}", "blocker"),
  "migration.applied": quiet("A migration was applied.", "name"),
  "clock.behind": warn(
    "the clock is behind the store, whose time goes on slowly until they agree",
    "clock",
    "store",
  ),
  "clock.doubted": info("the clock is far from the store: nothing is removed for an hour", "clock", "store"),
  "clock.set": warn("the clock was set; the store's time follows it slowly", "gapMs"),
  "clock.agrees": info("the store's time agrees with the clock again"),

  "connection.opened": quiet("A caller connected.", "protocol"),
  "connection.closed": quiet("The connection of a caller ended.", "protocol", "durationMs"),
  "answer.failed": error("An answer could not be sent", "error"),
  "grpc.failed": error("gRPC cannot be served", "error"),
  "grpc.unavailable": warn(
    "gRPC is not served: Bun cannot tell it from REST on one port; run this server with Node or Deno",
  ),
  "port.opened": debug("a port is open", "url"),
  "server.socket-failed": error("The listening socket failed", "error"),

  "server.listening": info("serving", "url", "store", "methods"),
  "worker.working": info("working", "store", "methods"),
  "worker.connected": info("working for {server}", "server", "methods"),
  "tls.renewed": info("the certificate was read again", "tlsCert?"),
  "tls.not-renewed": error("the certificate was not renewed, and the old one is still presented", "error"),
  "access.off": warn("access control is off: whoever reaches {host} may do everything", "host"),
  "access.reloaded": info("the access rules were read again", "access?"),
  "access.not-reloaded": error("the access rules were not read again, and the old ones still hold", "error"),
  "process.stopping": info("stopping: {patience}", "running", "patience"),
  "process.interrupted": warn("stopped before it served"),
  "process.cut": warn(
    "stopped at once: operations that were running continue after the next start, or elsewhere once their leases have passed",
  ),
  "process.giving-back": info("giving back what runs, and ending", "running"),
  "process.ended": error(
    "the process was ended by somebody else while it served, without giving back what runs",
    "running",
    "exitCode",
  ),
  "process.exception": error("an error that nobody caught ends this process", ...STRAY),
  "process.rejection": error("a rejected promise that nobody handled ends this process", ...STRAY),
  "process.exit-called": error("a handler called process.exit, which ends this process", ...STRAY),

  "webhook.disabled": warn("the webhook endpoint {endpoint} is disabled: {why}", "endpoint", "why"),
  "audit.failed": error("audit records cannot be written; trying again until they can", "error"),
  "audit.recovered": warn("audit records are written again; {count} were lost", "count"),
  "audit.reopened": info("the file of audit records was opened again"),
  "audit.not-reopened": error("the file of audit records was not opened again; the old one goes on", "error"),
  "encryption.key-made": debug("a key was made for the payloads of a tenant and day", "tenant"),
  "encryption.keys-removed": debug("keys of data were removed: no operation needs them any more", "count"),
  "encryption.keys-kept": warn(
    "keys of data that no operation needs were not removed; the next try is in an hour",
    "error",
  ),
  "encryption.kek-missing": error(
    "payloads are encrypted with the KEK {kek}, which this process does not have: give it with --kek",
    "kek",
  ),
  "encryption.key-damaged": error(
    "the record of the key of data {key} is damaged where it is kept: restore it from a backup",
    "key",
  ),
  "encryption.altered": error("a payload was altered where it is kept, or is of another place", "operation"),
  "telemetry.failed": warn("telemetry does not get through: {message}", "message", "count"),
  "listener.failed": error("a listener of events threw; the others were told all the same", "error"),
} as const;

/** The name of an event. */
export type EventName = keyof typeof EVENTS;

export const EVENT_NAMES = Object.keys(EVENTS) as readonly EventName[];

type ValueOf<Name> = Name extends FieldName ? Kinds[(typeof FIELDS)[Name][0]] : never;
type SpecsOf<Name extends EventName> = (typeof EVENTS)[Name]["fields"][number];

/** The fields of an event. */
export type EventFields<Name extends EventName> = {
  readonly [Spec in SpecsOf<Name> as Spec extends FieldName ? Spec : never]: ValueOf<Spec>;
} & {
  readonly [Spec in SpecsOf<Name> as Spec extends `${infer Field}?` ? Field : never]?:
    | (Spec extends `${infer Field}?` ? ValueOf<Field> : never)
    | undefined;
};

/**
 * Emits events: `tell["attempt.began"]?.({ operation, method, attempt })`. Without listeners the
 * function is undefined, so that the fields are not computed either.
 */
export type Tell = { readonly [Name in EventName]?: ((fields: EventFields<Name>) => void) | undefined };

/** Emits nothing. */
export const silence: Tell = {};
