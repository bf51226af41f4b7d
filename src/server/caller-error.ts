import { serviceError, StatusError } from "../core/error.ts";
import type { Log, LogFields } from "../core/log.ts";
import type { Random } from "../core/random.ts";

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
      log.error(`A call failed: ${error.message}`, { ...call, reason: error.reason, error: shown });
    }
    return error;
  }
  const requestId = Buffer.from(random.bytes(8)).toString("hex");
  log.error("A call failed unexpectedly", { ...call, requestId, error });
  return serviceError("INTERNAL_ERROR", `An internal error occurred; the log has it under ${requestId}.`, {
    metadata: { requestId },
  });
}
