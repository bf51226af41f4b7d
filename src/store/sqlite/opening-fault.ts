import { accessSync, constants, statfsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { StatusError } from "../../core/error/error.ts";
import { cannotOpen } from "../fault.ts";
import { primaryCode } from "./fault.ts";

/** The problem, its remedy, and whether it may pass by itself. */
type Finding = readonly [problem: string, remedy: string, passing?: "passing"];

const RIGHTS = "Give that user the right to read and write the file and its folder, or start as their owner";
const RESTORE = "Restore a backup, or keep what can be read of it with: sqlite3 FILE .recover";
const NO_SPACE: Finding = [
  "the disk is full",
  "Free some space, or move the file to a larger disk",
  "passing",
];

/** By SQLite's primary result code. @see https://sqlite.org/rescode.html */
const BY_RESULT: Readonly<Record<number, Finding>> = {
  3: ["this user may not use it", RIGHTS],
  5: [
    "another program keeps it locked",
    "End that program, such as a shell of sqlite3 with an open transaction",
    "passing",
  ],
  7: ["there is not enough memory", "Give the process more memory", "passing"],
  8: ["it cannot be written", "Make the file, its folder and its file system writable"],
  10: ["the disk cannot be read or written", "Look for errors of the disk in the system's log", "passing"],
  11: ["the file is damaged", RESTORE],
  13: NO_SPACE,
  14: ["SQLite cannot open it", RIGHTS],
  26: [
    "the file is not a SQLite database, or its beginning is damaged",
    "Restore a backup, or give another file",
  ],
};

/** By the system's error code. */
const BY_SYSTEM: Readonly<Record<string, Finding>> = {
  EACCES: ["this user may not read and write it", RIGHTS],
  EPERM: ["this user may not read and write it", RIGHTS],
  EROFS: ["its file system is read-only", "Mount it for writing, or put the file on another one"],
  ENOSPC: NO_SPACE,
  EDQUOT: ["this user's share of the disk is full", "Free some space, or raise the quota", "passing"],
  ENOTDIR: ["a part of its path is a file and not a folder", "Correct the path"],
  EEXIST: ["a part of its path is a file and not a folder", "Correct the path"],
  ENOENT: [
    "its folder does not exist, or it is a link to a missing file",
    "Create the folder, or correct the path",
  ],
  ELOOP: ["its path is a circular link", "Correct the path"],
  ENAMETOOLONG: ["its path is too long", "Give a shorter one"],
  EMFILE: ["the process has too many files open", "Raise the limit, such as with ulimit -n", "passing"],
  ENFILE: ["the machine has too many files open", "Raise its limit", "passing"],
};

/**
 * The error for a failed attempt to open a file, made from the error of SQLite or the system. A
 * `StatusError` stays as it is, and so does any other error, which is a bug of ours.
 */
export function openingFault(path: string, error: unknown): unknown {
  if (error instanceof StatusError || !(error instanceof Error)) return error;
  const finding = findingOf(path, error);
  if (finding === undefined) return error;
  const [problem, remedy, passing] = finding;
  const said = problem.includes(error.message) ? problem : `${problem} (${error.message})`;
  return cannotOpen({ store: path, problem: said, remedy, mayPass: passing !== undefined, cause: error });
}

function findingOf(path: string, error: Error): Finding | undefined {
  const result = primaryCode(error);
  if (result === undefined) return BY_SYSTEM[systemCode(error) ?? ""];
  // These result codes do not name a cause; the file system may.
  const seen = VAGUE.has(result) ? (refusalOf(path) ?? fullDisk(path)) : undefined;
  return seen ?? BY_RESULT[result];
}

const VAGUE = new Set([3, 8, 10, 14]);

/** Rejects a path that can never hold a database. @throws {StatusError} FAILED_PRECONDITION */
export function requireRegularFile(path: string): void {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined || stats.isFile()) return;
  const problem = stats.isDirectory() ? "it is a folder" : "it is not a regular file";
  throw cannotOpen({ store: path, problem, remedy: "Name a file", mayPass: false, cause: undefined });
}

/**
 * Rejects a file if this process may not write it or its folder. @throws {StatusError}
 * FAILED_PRECONDITION
 */
export function requireRights(path: string): void {
  const finding = refusalOf(path);
  if (finding === undefined) return;
  const [problem, remedy] = finding;
  throw cannotOpen({ store: path, problem, remedy, mayPass: false, cause: undefined });
}

/** The reason why the system does not let this process read and write the file and its folder. */
function refusalOf(path: string): Finding | undefined {
  const { R_OK, W_OK, X_OK } = constants;
  const folder = dirname(path);
  return denied(path, R_OK | W_OK) ?? denied(folder, W_OK | X_OK, `its folder ${folder}`);
}

function denied(path: string, mode: number, what = "it"): Finding | undefined {
  try {
    accessSync(path, mode);
    return undefined;
  } catch (error) {
    const code = systemCode(error) ?? "";
    if (code === "EACCES" || code === "EPERM") return [`this user may not write ${what}`, RIGHTS];
    return BY_SYSTEM[code];
  }
}

function fullDisk(path: string): Finding | undefined {
  try {
    return statfsSync(dirname(path)).bavail === 0 ? NO_SPACE : undefined;
  } catch {
    return undefined;
  }
}

function systemCode(error: unknown): string | undefined {
  return error instanceof Error && "syscall" in error && "code" in error ? String(error.code) : undefined;
}
