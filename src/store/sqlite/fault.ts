import type { StatusError } from "../../core/error/error.ts";
import { InvariantError } from "../../core/invariant.ts";
import { storeUnavailable } from "../fault.ts";

/**
 * What went wrong in SQLite, in a form that crosses from the writer's thread.
 *
 * `unavailable`: disk full, I/O, a lock of somebody else's. `bug`: a constraint that our own rules should have kept, or a
 * statement that cannot be.
 */
export interface Fault {
  readonly kind: "unavailable" | "bug";
  readonly message: string;
}

/** Primary result codes of SQLite for which only we can be to blame. @see https://sqlite.org/rescode.html */
const BUG_CODES = new Set([
  1, // SQLITE_ERROR: the text of a statement
  19, // SQLITE_CONSTRAINT
  20, // SQLITE_MISMATCH
  21, // SQLITE_MISUSE
  25, // SQLITE_RANGE
]);

/** SQLITE_BUSY: somebody else holds the lock. */
const BUSY = 5;

/** Which fault an exception is. Whatever is not SQLite's is ours. */
export function faultOf(error: unknown): Fault {
  const code = primaryCode(error);
  const text = error instanceof Error ? error.message : String(error);
  const kind = code === undefined || BUG_CODES.has(code) ? "bug" : "unavailable";
  return { kind, message: code === undefined ? text : `${text} (SQLite result code ${code})` };
}

/** The error that a caller of the store gets for a fault. */
export function faultError(fault: Fault): StatusError | InvariantError {
  if (fault.kind === "bug")
    return new InvariantError(`The store was asked for what cannot be: ${fault.message}`);
  // Words and no error: a stack tells nothing of a disk.
  return storeUnavailable(fault.message);
}

/** Whether SQLite refused because another connection holds the lock. */
export function isBusy(error: unknown): boolean {
  return primaryCode(error) === BUSY;
}

/** The low byte of SQLite's extended result code; undefined for an error that is not SQLite's. */
export function primaryCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("errcode" in error) || typeof error.errcode !== "number")
    return undefined;
  return error.errcode & 0xff;
}
