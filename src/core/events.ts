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
    "A change of an operation is computed again, because another change was committed first.",
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
    "A use case ended, whether it was called over a network or in process. In a batch, each start counts as one.",
    "verb",
    "principal",
    "resource",
    "method?",
    "code",
    "reason?",
    "durationMs",
  ),
  "http.ended": quiet(
    "An HTTP request was answered, or its caller closed the connection. The route is absent if no route matches the address.",
    "method",
    "protocol",
    "route?",
    "status",
    "durationMs",
  ),
  "grpc.ended": quiet("A gRPC call was answered.", "rpc", "code", "durationMs"),
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
    "A caller stopped waiting: it was `told` of the end, or its time is `over`.",
    "id",
    "how",
    "waiting",
  ),

  "claim.sent": quiet("A worker asked for operations.", "worker", "limit"),
  "claim.answered": quiet("The store answered a claim.", "worker", "limit", "count", "durationMs"),
  "claim.failed": quiet("The store did not answer a claim.", "worker", "error"),
  "claim.unreturned": warn("a claim could not be released; its lease will expire", "operation", "error"),
  "claims.interrupted": warn("claims are not answered; trying again until they are", "error"),
  "claims.resumed": info("claims are answered again"),

  "attempt.claimed": quiet("A worker received an operation to run.", ...ATTEMPT, "worker", "waitMs"),
  "attempt.late": warn("a claim was answered after its lease may have expired; releasing it", ...OWN_ATTEMPT),
  "attempt.began": quiet("A handler was called.", ...OWN_ATTEMPT),
  "attempt.reported": quiet("A handler's report was stored, and the lease was renewed.", ...OWN_ATTEMPT),
  "attempt.report-failed": debug(
    "a report could not be written; the next report includes it",
    ...OWN_ATTEMPT,
    "error",
  ),
  "attempt.aborted": quiet("The signal of a handler was aborted.", ...OWN_ATTEMPT, "why"),
  "attempt.lost": warn("an attempt lost its operation; its result will not count", ...OWN_ATTEMPT),
  "attempt.threw": warn("a handler failed unexpectedly", ...OWN_ATTEMPT, "worker?", "exception"),
  "attempt.write-failed": quiet(
    "The end of an attempt could not be written.",
    ...OWN_ATTEMPT,
    "failures",
    "error",
  ),
  "attempt.write-delayed": warn(
    "the end of an attempt could not be written; trying again",
    ...OWN_ATTEMPT,
    "error",
  ),
  "attempt.refused": debug("a write of an attempt that is no longer current was refused", ...OWN_ATTEMPT),
  "attempt.dropped": debug(
    "an attempt lost its lease or its operation; its end was not written",
    ...OWN_ATTEMPT,
  ),
  "attempt.crashed": error(
    "an attempt could not be ended because of a bug; its lease will expire",
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
    "a handler ignored its abort signal: its operation is released, and the handler must not continue beside the next attempt",
    ...OWN_ATTEMPT,
  ),
  "worker.gave-up": warn("stopping before all attempts have ended; their leases will expire", "running"),

  "lease.expired": quiet("The sweep ended an attempt whose lease had passed.", ...ATTEMPT, "worker", "how"),
  "leases.expired": warn(
    "leases expired: their workers vanished or were suspended for too long",
    "count",
    "workers",
    "operations",
  ),
  "leases.not-renewed": warn("leases could not be renewed; trying again", "count", "error"),
  "leases.inherited": info("ended the leases of the previous process", "count"),
  "leases.unattended": error("the thread that renews leases died; restart the process", "error"),
  "method.paused": info("method {method} is paused: no process begins a new attempt of it", "method"),
  "method.resumed": info("method {method} is no longer paused", "method"),
  "statistics.interrupted": warn("statistics cannot be written; trying again at the next write", "error"),
  "statistics.refused": error("the store rejects some statistics: they are dropped", "count", "error"),
  "sweep.purged": debug("removed operations past their time to live", "count"),
  "sweep.passed-over": error(
    "the sweep cannot {verb} an operation; it continues with the others and tries again later",
    "verb",
    "id",
    "failures",
    "retryMs",
    "count",
    "error",
  ),
  "sweep.failed": error("the sweep failed; trying again", "loop", "error"),
  "sweep.recovered": info("the sweep works again", "loop"),

  "store.opened": quiet("A store was opened.", "kind", "durationMs"),
  "store.batch-ended": quiet(
    "The store executed a batch of commands.",
    "lane",
    "count",
    "durationMs",
    "error?",
  ),
  "store.lost": error("{message}", "message", "error?"),
  "store.lock-missing": warn("the store's lock was deleted; waiting, in case a server is still there", "ms"),
  "store.listener-failed": error("a listener of the store threw; the others were still called", "error"),
  "channel.connected": quiet("This process receives notifications of changes by other processes."),
  "channel.ended": info("the connection that listens to the database ended; connecting again"),
  "channel.failed": warn("cannot listen to the database; trying again", "error"),
  "migration.began": info("applying a migration", "name"),
  "migration.waits": warn("the migration waits for {blocker}", "blocker"),
  "migration.applied": quiet("A migration was applied.", "name"),
  "clock.behind": warn(
    "the clock is behind the store's time; the store's time advances slowly until they agree",
    "clock",
    "store",
  ),
  "clock.doubted": info("the clock is far from the store: nothing is removed for an hour", "clock", "store"),
  "clock.set": warn("the clock was set; the store's time approaches it slowly", "gapMs"),
  "clock.agrees": info("the store's time agrees with the clock again"),

  "connection.opened": quiet("A caller connected.", "protocol"),
  "connection.closed": quiet("The connection of a caller ended.", "protocol", "durationMs"),
  "answer.failed": error("An answer could not be sent", "error"),
  "grpc.failed": error("gRPC cannot be served", "error"),
  "grpc.unavailable": warn(
    "gRPC is not served: Bun cannot separate it from REST on one port; run this server with Node or Deno",
  ),
  "port.opened": debug("a port is open", "url"),
  "server.socket-failed": error("The listening socket failed", "error"),

  "server.listening": info("serving", "url", "store", "methods"),
  "worker.working": info("working", "store", "methods"),
  "worker.connected": info("working for {server}", "server", "methods"),
  "module.delayed": warn("still loading the module {file}; perhaps its top-level await never ends", "file"),
  "tls.renewed": info("the certificate was read again", "tlsCert?"),
  "tls.not-renewed": error("the certificate could not be read again; the old one stays in use", "error"),
  "tls.outdated": warn("clients refuse the certificate: {message}", "message"),
  "access.off": warn("access control is off: every client that reaches {host} may do everything", "host"),
  "access.ineffective": warn("access control: {message}", "message"),
  "access.reloaded": info("the access rules were read again", "access?"),
  "access.not-reloaded": error("the access rules could not be read again; the old ones apply", "error"),
  "process.stopping": info("stopping: {patience}", "running", "patience"),
  "process.interrupted": warn("stopped before the service was ready"),
  "process.cut": warn(
    "stopped at once: running operations continue after the next start, or in another process when their leases have expired",
  ),
  "process.giving-back": info("releasing the running operations, and ending", "running"),
  "process.ended": error(
    "other code ended the process; the running operations were not released",
    "running",
    "exitCode",
  ),
  "process.exception": error("an uncaught error ends this process", ...STRAY),
  "process.rejection": error("an unhandled rejection of a promise ends this process", ...STRAY),
  "process.exit-called": error("a handler called process.exit, which ends this process", ...STRAY),

  "webhook.disabled": warn("the webhook endpoint {endpoint} is disabled: {why}", "endpoint", "why"),
  "audit.failed": error("audit records cannot be written; trying again until they can", "error"),
  "audit.recovered": warn("audit records are written again; {count} were lost", "count"),
  "audit.reopened": info("the file of audit records was opened again"),
  "audit.not-reopened": error("the audit file could not be opened again; the old one stays in use", "error"),
  "encryption.key-made": debug("a data-encryption key was made for a tenant and day", "tenant"),
  "encryption.keys-removed": debug("unused data-encryption keys were removed", "count"),
  "encryption.keys-kept": warn(
    "unused data-encryption keys could not be removed; the next try is in an hour",
    "error",
  ),
  "encryption.kek-missing": error(
    "payloads are encrypted with the KEK {kek}, which this process does not have: give it with --kek",
    "kek",
  ),
  "encryption.key-damaged": error(
    "the stored record of the data-encryption key {key} is damaged: restore it from a backup",
    "key",
  ),
  "encryption.altered": error("a stored payload was altered, or moved from another place", "operation"),
  "telemetry.failed": warn("telemetry cannot be sent: {message}", "message", "count"),
  "listener.failed": error("a listener of events threw; the other listeners were still called", "error"),
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
