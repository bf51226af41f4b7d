import type { StatusError } from "../../core/error/error.ts";
import { InvariantError } from "../../core/invariant.ts";
import { statementBug, storeUnavailable } from "../fault.ts";

/**
 * An error of SQLite, in a form that can be sent from the writer's thread.
 *
 * `unavailable`: the disk is full, I/O failed, or another process holds a lock. `bug`: a constraint
 * that our own rules should have kept, or an invalid statement.
 */
export interface Fault {
  readonly kind: "unavailable" | "bug";
  readonly message: string;
}

/**
 * Primary result codes of SQLite that only a bug of ours can cause. @see
 * https://sqlite.org/rescode.html
 */
const BUG_CODES = new Set([
  1, // SQLITE_ERROR: an invalid statement
  19, // SQLITE_CONSTRAINT
  20, // SQLITE_MISMATCH
  21, // SQLITE_MISUSE
  25, // SQLITE_RANGE
]);

/** SQLITE_BUSY: another connection holds the lock. */
const BUSY = 5;

/** Classifies an exception. An exception that is not SQLite's is a bug of ours. */
export function faultOf(error: unknown): Fault {
  const code = primaryCode(error);
  const text = error instanceof Error ? error.message : String(error);
  const kind = code === undefined || BUG_CODES.has(code) ? "bug" : "unavailable";
  return { kind, message: code === undefined ? text : `${text} (SQLite result code ${code})` };
}

/** The error for a caller of the store. */
export function faultError(fault: Fault): StatusError | InvariantError {
  if (fault.kind === "bug") return new InvariantError(statementBug(fault.message));
  // A text instead of an error as the cause: a stack says nothing about a disk.
  return storeUnavailable(fault.message);
}

/** Whether SQLite failed because another connection holds the lock. */
export function isBusy(error: unknown): boolean {
  return primaryCode(error) === BUSY;
}

/** The low byte of SQLite's extended result code; undefined for an error that is not SQLite's. */
export function primaryCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("errcode" in error) || typeof error.errcode !== "number")
    return undefined;
  return error.errcode & 0xff;
}
