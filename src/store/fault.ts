import { serviceError, StatusError } from "../core/error/error.ts";
import { LIMITS } from "../core/limits.ts";

/** The store cannot be reached; the cause is for the log. */
export function storeUnavailable(cause: unknown): StatusError {
  return serviceError(
    "STORE_UNAVAILABLE",
    "The database cannot be used now, and the call was not confirmed. Try again.",
    { cause },
  );
}

/**
 * Other transactions held a lock, or won every conflict, for the whole time that a command is
 * retried. Neither the command nor the store is at fault.
 */
export function storeLocked(cause: unknown): StatusError {
  return serviceError(
    "STORE_LOCKED",
    "Another transaction holds a database lock that this call needs, and the call was not confirmed. Try again.",
    { cause },
  );
}

/** The text of a bug: the database rejected a statement of ours, or the values in it. */
export function statementBug(message: string): string {
  return `The database rejected a statement: ${message}. This is a bug of longrunning; please report it`;
}

/** Why a store cannot be opened. Its operator sees this; callers never do. */
export interface OpeningFault {
  /** The store as it may be displayed: a path, or an address without its password. */
  readonly store: string;
  /** The problem, as a clause: "the file is damaged". */
  readonly problem: string;
  /** The remedy, as a sentence without its full stop: "Restore a backup". */
  readonly remedy: string;
  /** Whether a retry may succeed without any action. */
  readonly mayPass: boolean;
  /** The error of the database, the driver or the system. */
  readonly cause: unknown;
}

/**
 * The error for an operator whose store cannot be opened: UNAVAILABLE if a retry may succeed,
 * FAILED_PRECONDITION if the operator has to act first. The message contains `problem` and
 * `remedy`; the metadata has them separately.
 */
export function cannotOpen({ store, problem, remedy, mayPass, cause }: OpeningFault): StatusError {
  const message = `Cannot open "${store}": ${problem}. ${remedy}.`;
  const options = { metadata: { store, problem, remedy }, cause };
  return mayPass
    ? serviceError("STORE_UNAVAILABLE", message, options)
    : new StatusError("FAILED_PRECONDITION", message, options);
}

/** The store is being closed, or is closed. */
export function shuttingDown(): StatusError {
  return serviceError("SHUTTING_DOWN", "The store is closed; the server is stopping.");
}

/** More writes are waiting than a store keeps in memory. */
export function tooManyWait(): StatusError {
  return serviceError(
    "STORE_UNAVAILABLE",
    `The database is overloaded: more than ${LIMITS.writesWaitingMax} writes, or ${LIMITS.writesWaitingBytesMax} bytes of them, are waiting. The call was not confirmed. Try again.`,
  );
}
