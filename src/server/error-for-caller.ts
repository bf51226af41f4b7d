import { serviceError, StatusError } from "../core/error/error.ts";
import type { Log, LogFields } from "../core/ports/log.ts";
import type { Random } from "../core/ports/random.ts";

/**
 * What a caller is told of an error: a StatusError as it is, anything else as INTERNAL with an id under which the log has
 * the whole story.
 *
 * @param call what the log is to tell of the call; nothing that may hold credentials, such as a query
 */
export function forCaller(
  error: unknown,
  { log, random }: { readonly log: Log; readonly random: Random },
  call: LogFields,
): StatusError {
  if (error instanceof StatusError) {
    const ours = error.code === "INTERNAL" || error.code === "UNAVAILABLE";
    if (ours && error.cause !== undefined) {
      const { cause } = error;
      // What is away is no bug, and the place in the program where that was noticed helps nobody.
      const shown = error.code === "UNAVAILABLE" && cause instanceof Error ? cause.message : cause;
      const id = error.reason === "METHOD_FAILED" ? { requestId: newRequestId(random) } : {};
      log.error(`A call failed: ${error.message}`, { ...call, ...id, reason: error.reason, error: shown });
      if (id.requestId !== undefined) return underId(error, id.requestId);
    }
    return error;
  }
  const requestId = newRequestId(random);
  log.error("A call failed unexpectedly", { ...call, requestId, error });
  return serviceError("INTERNAL_ERROR", `An internal error occurred; the log has it under ${requestId}.`, {
    metadata: { requestId },
  });
}

function newRequestId(random: Random): string {
  return Buffer.from(random.bytes(8)).toString("hex");
}

/** The same error, and where the log has what happened. */
function underId({ code, message, reason, metadata, details }: StatusError, requestId: string): StatusError {
  return new StatusError(code, `${message} The log has it under ${requestId}.`, {
    ...(reason === undefined ? {} : { reason }),
    metadata: { ...metadata, requestId },
    details,
  });
}
