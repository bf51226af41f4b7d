import { serviceError, type StatusError } from "../core/error.ts";

/** The store cannot be reached; the cause is for the log. */
export function storeUnavailable(cause: unknown): StatusError {
  return serviceError(
    "STORE_UNAVAILABLE",
    "The store is not available; nothing was acknowledged. Try again.",
    { cause },
  );
}

/** The store is being closed, or is closed. */
export function shuttingDown(): StatusError {
  return serviceError("SHUTTING_DOWN", "The store is closed; the server is stopping.");
}
