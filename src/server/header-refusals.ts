import { serviceError, type StatusError } from "../core/error/error.ts";
import { LIMITS } from "../core/limits.ts";

/**
 * The error for a request, or a part of a batch, whose address and headers exceed
 * `LIMITS.headerBytesMax`.
 */
export function headersTooLarge(): StatusError {
  const { headerBytesMax } = LIMITS;
  return serviceError(
    "HEADERS_TOO_LARGE",
    `The address and headers are too large: ${headerBytesMax} bytes at most.`,
    { metadata: { headerBytesMax: String(headerBytesMax) } },
  );
}

/** The error for more than `LIMITS.headersMax` header lines. */
export function tooManyHeaders(count: number): StatusError {
  const { headersMax } = LIMITS;
  return serviceError(
    "HEADERS_TOO_LARGE",
    `Too many headers: expected at most ${headersMax}, got ${count}.`,
    {
      metadata: { headersMax: String(headersMax), count: String(count) },
    },
  );
}
