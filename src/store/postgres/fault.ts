import { StatusError } from "../../core/error/error.ts";
import { InvariantError } from "../../core/invariant.ts";
import { statementBug, storeLocked, storeUnavailable } from "../fault.ts";
import type { BatchVerdict } from "../lane.ts";

/**
 * The meaning of an error of PostgreSQL, the driver or the network for its statement.
 *
 * `undone`: the database rolled it back because of other transactions; retry at once. `unsent`: it
 * never reached a working database. `unknown`: it may have been committed; a retry must find out
 * first. `refused`: the database works but rejected it, without any effect. `bug`: our statement or
 * its parameters are wrong.
 */
export type FaultKind = "undone" | "unsent" | "unknown" | "refused" | "bug";

/**
 * By code, or by class of codes. @see
 * https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const KINDS: Readonly<Record<string, FaultKind>> = {
  "08": "unknown",
  "08001": "unsent", // sqlclient_unable_to_establish_sqlconnection
  "08004": "unsent", // sqlserver_rejected_establishment_of_sqlconnection
  "08P01": "unsent", // protocol_violation: from poolers without a free server
  "25006": "unsent", // read_only_sql_transaction: a standby, or a server that is temporarily read-only
  "25P02": "undone", // in_failed_sql_transaction: an earlier user left it so
  "25P03": "undone", // idle_in_transaction_session_timeout
  "25P04": "undone", // transaction_timeout
  "25": "refused",
  "26000": "undone", // invalid_sql_statement_name: prepared on another of a pooler's connections
  "28": "refused", // the user may not connect
  "3D": "refused", // no such database
  "3F": "refused", // no such schema
  "40": "undone", // serialization_failure, deadlock_detected and similar
  "40003": "unknown", // statement_completion_unknown
  "42501": "refused", // the user lacks a right
  "42704": "refused", // no such setting
  "42P01": "refused", // no such table: the schema is missing
  "42P05": "undone", // duplicate_prepared_statement: as 26000
  "53": "refused", // disk full, out of memory
  "53300": "unsent", // too_many_connections
  "54": "bug",
  "55": "undone", // an object is in use, or not ready yet
  "57014": "undone", // query_canceled: our own statement timeout
  "57P01": "unknown", // admin_shutdown: an earlier commit may have succeeded
  "57P02": "unknown", // crash_shutdown
  "57P03": "unsent", // cannot_connect_now: the server is starting or stopping
  "57P05": "unknown", // idle_session_timeout
  "58": "refused", // I/O errors
  "72": "undone", // snapshot_too_old
  "22": "bug",
  "23": "bug",
  "42": "bug",
  OC000: "undone", // Aurora DSQL: a conflict found at the commit
  OC001: "undone", // Aurora DSQL: the schema has changed
  XX: "refused",
};

/**
 * Errors before a connection was established, and errors of a server that is not the expected one.
 */
const UNSENT: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
  "CONNECT_TIMEOUT",
  "SERVER_UNFIT",
]);

/** Errors that only a new connection resolves, although the database keeps this one. */
const OF_SESSION: ReadonlySet<string> = new Set(["25006", "25P02", "26000", "42P05"]);

/** Other transactions hold the lock, or won the conflict. */
const OF_OTHERS: ReadonlySet<string> = new Set(["40001", "40P01", "55P03"]);

/**
 * The kind of fault of an exception. Errors outside of the database, the driver and the network are
 * bugs.
 */
export function faultKind(error: unknown): FaultKind {
  const code = codeOf(error);
  if (code === undefined) return "bug";
  if (UNSENT.has(code)) return "unsent";
  const isState = error instanceof Error && error.name === "PostgresError";
  if (!isState) return "unknown";
  return KINDS[code] ?? KINDS[code.slice(0, 2)] ?? "refused";
}

/**
 * Codes and classes of codes that concern the database and not one command: every command gets the
 * same error.
 */
const OF_THE_DATABASE = ["25", "28", "3D", "53", "42501", "42P01"];

/** The verdict on the commands of a failed batch. */
export function batchVerdictOf(error: unknown): BatchVerdict {
  if (error instanceof StatusError) return "all";
  switch (faultKind(error)) {
    case "unsent":
    case "unknown":
      return "all";
    case "undone":
      return "again";
    case "bug":
      return "each";
    case "refused":
      return OF_THE_DATABASE.some((each) => codeOf(error)?.startsWith(each) === true) ? "all" : "each";
  }
}

/** The code that {@link isAnswerTimeout} recognizes. */
const TIMEOUT_CODE = "ANSWER_TIMEOUT";

/** The error of a statement that was not answered in time. */
export function answerTimeout(): Error {
  return Object.assign(new Error("The database did not answer"), { code: TIMEOUT_CODE });
}

/** Creates the error of a statement whose connection had already ended. */
export function connectionEnded(): Error {
  return Object.assign(new Error("The connection to the database ended"), { code: "CONNECTION_CLOSED" });
}

/** The error of a server that does not match `target_session_attrs`. */
export function unfitServer(target: string): Error {
  const error = new Error(`The server is not what target_session_attrs asks for: ${target}`);
  return Object.assign(error, { code: "SERVER_UNFIT" });
}

/** The error of a server without TLS, if the address requires TLS. */
export function tlsRefused(cause: unknown): Error {
  return Object.assign(new Error("The server does not offer TLS", { cause }), { code: "TLS_REFUSED" });
}

/** Whether the session of an error is unusable, regardless of the statement. */
export function endsSession(error: unknown): boolean {
  // A StatusError has a code too, but concerns no connection.
  if (!(error instanceof Error) || error instanceof StatusError) return false;
  const code = codeOf(error);
  if (code === undefined) return false;
  if (error.name !== "PostgresError") return true;
  return OF_SESSION.has(code) || ("severity" in error && error.severity !== "ERROR");
}

/** Whether the database did not answer in time. */
export function isAnswerTimeout(error: unknown): boolean {
  return codeOf(error) === TIMEOUT_CODE;
}

/** The error for a caller of the store. */
export function faultError(error: unknown): Error {
  if (error instanceof StatusError || error instanceof InvariantError) return error;
  if (OF_OTHERS.has(codeOf(error) ?? "")) return storeLocked(error);
  if (faultKind(error) !== "bug") return storeUnavailable(error);
  const text = error instanceof Error ? error.message : String(error);
  const state = codeOf(error);
  const what = state === undefined ? text : `${text} (PostgreSQL's code ${state})`;
  return Object.assign(new InvariantError(statementBug(what)), { cause: error });
}

/** The code of an error of the database, the driver or the network. */
export function codeOf(error: unknown): string | undefined {
  const { code, errors } = (error ?? {}) as { readonly code?: unknown; readonly errors?: unknown };
  // If a name has several addresses, each has its own error.
  if (code === undefined && Array.isArray(errors)) return codeOf(errors[0]);
  return typeof code === "string" ? code : undefined;
}
