import { serviceError, StatusError } from "../core/error/error.ts";
import type { Tell } from "../core/events.ts";
import type { Random } from "../core/ports/random.ts";

/** A call, for events. */
export interface CallFacts {
  /** The HTTP method, or `gRPC`. */
  readonly method: string;
  /** Without the query, which may contain credentials. */
  readonly path: string;
}

/**
 * The error for a caller: a StatusError is unchanged, anything else becomes INTERNAL with an id
 * under which the log has the details. Each error of a call causes one event: `call.refused`,
 * `call.failed` or `call.crashed`.
 */
export function forCaller(
  error: unknown,
  { tell, random }: { readonly tell: Tell; readonly random: Random },
  call: CallFacts,
): StatusError {
  if (error instanceof StatusError) {
    const { code, reason, message, cause } = error;
    const isOurs = code === "INTERNAL" || code === "UNAVAILABLE";
    if (isOurs && cause !== undefined) {
      // An outage is not a bug, so its stack is left out of the log.
      const shown = code === "UNAVAILABLE" && cause instanceof Error ? cause.message : cause;
      const id = reason === "METHOD_FAILED" ? { requestId: newRequestId(random) } : {};
      tell["call.failed"]?.({ ...call, message, ...id, reason, error: shown });
      if (id.requestId !== undefined) return underId(error, id.requestId);
    } else {
      tell["call.refused"]?.({ ...call, code, reason });
    }
    return error;
  }
  const requestId = newRequestId(random);
  tell["call.crashed"]?.({ ...call, requestId, error });
  return serviceError("INTERNAL_ERROR", `An internal error occurred; the log has it under ${requestId}.`, {
    metadata: { requestId },
  });
}

function newRequestId(random: Random): string {
  return Buffer.from(random.bytes(8)).toString("hex");
}

/** The same error, with the id under which the log has the details. */
function underId({ code, message, reason, metadata, details }: StatusError, requestId: string): StatusError {
  return new StatusError(code, `${message} The log has it under ${requestId}.`, {
    ...(reason === undefined ? {} : { reason }),
    metadata: { ...metadata, requestId },
    details,
  });
}
