// In a project of yours this is: from "longrunning".
import { badRequest, preconditionFailure, StatusError } from "../../src/index.ts";

/** A field of the request names something of the wrong kind. */
export function invalidField(field: "directory" | "output", path: string, description: string): StatusError {
  return new StatusError("INVALID_ARGUMENT", `Invalid ${field} "${path}": ${description}.`, {
    reason: "PATH_INVALID",
    metadata: { field, path },
    details: [badRequest({ fieldViolations: [{ field, description }] })],
  });
}

/** The directory of the request does not exist. */
export function directoryNotFound(directory: string): StatusError {
  const violation = { field: "directory", description: "It does not exist." };
  return new StatusError("NOT_FOUND", `Directory "${directory}" was not found.`, {
    reason: "DIRECTORY_NOT_FOUND",
    metadata: { directory },
    details: [badRequest({ fieldViolations: [violation] })],
  });
}

/** A file changed while it was being read. Another attempt may succeed. */
export function fileChanged(path: string): StatusError {
  return new StatusError("ABORTED", `"${path}" changed while it was packed.`, {
    reason: "FILE_CHANGED",
    metadata: { path },
  });
}

/**
 * The error that callers see for a failure of the file system. Unknown errors are left unchanged:
 * they are for the operators.
 */
export function asStatusError(error: unknown): unknown {
  const path = error instanceof Error && "path" in error ? String(error.path) : "";
  switch (errorCode(error)) {
    case "ENOENT":
    case "ENOTDIR":
    case "ELOOP":
      return fileChanged(path);
    case "EACCES":
    case "EPERM":
    case "EROFS":
    case "ENOSPC":
      return notPossible(path, errorCode(error));
    default:
      return error;
  }
}

/** Node's code of the error, such as `ENOENT`; empty for other errors. */
export function errorCode(error: unknown): string {
  return error instanceof Error && "code" in error && !(error instanceof StatusError)
    ? String(error.code)
    : "";
}

function notPossible(path: string, type: string): StatusError {
  const description = REASONS[type] ?? type;
  return new StatusError("FAILED_PRECONDITION", `"${path}": ${description}.`, {
    reason: "FILE_NOT_ACCESSIBLE",
    metadata: { path, error: type },
    details: [preconditionFailure({ violations: [{ type, subject: path, description }] })],
  });
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: "the server may not access it",
  EPERM: "the server may not access it",
  EROFS: "it is on a read-only file system",
  ENOSPC: "no space is left for the archive",
};
