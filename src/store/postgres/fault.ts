import { StatusError } from "../../core/error.ts";
import { InvariantError } from "../../core/invariant.ts";
import { storeUnavailable } from "../fault.ts";

/**
 * What an error of PostgreSQL, of the driver or of the network means for the statement that it answered.
 *
 * `undone`: the database took it back, because of what others did; nothing of it remains, and it is worth another try at
 * once. `unsent`: it never reached a database that works. `unknown`: nobody can say whether it was committed; it is tried again
 * only in a way that finds out. `refused`: the database works and cannot do it, nothing of it remains. `bug`: our statement
 * or what we brought along is wrong.
 */
export type FaultKind = "undone" | "unsent" | "unknown" | "refused" | "bug";

/** Of whole codes, and of classes of codes. @see https://www.postgresql.org/docs/current/errcodes-appendix.html */
const KINDS: Readonly<Record<string, FaultKind>> = {
  "40001": "undone", // serialization_failure
  "40P01": "undone", // deadlock_detected
  OC000: "undone", // Aurora DSQL: a conflict found at the commit
  OC001: "undone", // Aurora DSQL: the schema has changed
  "55P03": "undone", // lock_not_available: our own lock timeout
  "57014": "undone", // query_canceled: our own statement timeout
  "57P01": "unknown", // admin_shutdown: a commit that was sent before may have been made
  "57P02": "unknown", // crash_shutdown
  "57P03": "unsent", // cannot_connect_now: it is starting or stopping
  "57P05": "unknown", // idle_session_timeout
  "53300": "unsent", // too_many_connections
  "08": "unknown",
  "25": "refused", // such as read_only_sql_transaction, on a server that has become a standby
  "28": "refused", // the user may not come in
  "3D": "refused", // no such database
  "42501": "refused", // the user has no right to
  "42P01": "refused", // no such table: the schema is not there
  "53": "refused", // disk full, out of memory
  "54": "bug",
  "58": "refused", // input and output
  "22": "bug",
  "23": "bug",
  "42": "bug",
  XX: "refused",
};

/** Errors of sockets for which no connection ever came about. */
const UNSENT: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
  "CONNECT_TIMEOUT",
]);

/** What kind of fault an exception is. Whatever is not of the database, the driver or the network is ours. */
export function faultKind(error: unknown): FaultKind {
  const code = codeOf(error);
  if (code === undefined) return "bug";
  if (UNSENT.has(code)) return "unsent";
  const isState = error instanceof Error && error.name === "PostgresError";
  if (!isState) return "unknown";
  return KINDS[code] ?? KINDS[code.slice(0, 2)] ?? "refused";
}

/** What {@link isSilence} knows. */
const SILENCE = "ANSWER_TIMEOUT";

/** The error of a statement that was not answered in time. */
export function silence(): Error {
  return Object.assign(new Error("The database did not answer"), { code: SILENCE });
}

/** Whether the database kept silent for as long as it is given. */
export function isSilence(error: unknown): boolean {
  return codeOf(error) === SILENCE;
}

/** The error that a caller of the store gets. */
export function faultError(error: unknown): Error {
  if (error instanceof StatusError || error instanceof InvariantError) return error;
  if (faultKind(error) !== "bug") return storeUnavailable(error);
  const text = error instanceof Error ? error.message : String(error);
  const state = codeOf(error);
  const what = state === undefined ? text : `${text} (PostgreSQL's code ${state})`;
  return Object.assign(new InvariantError(`The store was asked for what cannot be: ${what}`), {
    cause: error,
  });
}

function codeOf(error: unknown): string | undefined {
  const { code, errors } = (error ?? {}) as { readonly code?: unknown; readonly errors?: unknown };
  // Where a name has several addresses, each has an error of its own.
  if (code === undefined && Array.isArray(errors)) return codeOf(errors[0]);
  return typeof code === "string" ? code : undefined;
}
