import { serviceError } from "../error/error.ts";
import { LIMITS } from "../limits.ts";

/**
 * The number of operations on a page for the requested size.
 *
 * @param wished undefined or 0 for the default; larger values than the maximum are lowered silently
 * @throws {StatusError} INVALID_ARGUMENT PAGE_SIZE_INVALID for a negative number or a fraction
 * @see AIP-158
 */
export function pageSize(wished: number | undefined): number {
  if (wished === undefined || wished === 0) return LIMITS.pageSizeDefault;
  if (!Number.isInteger(wished) || wished < 0) {
    throw serviceError(
      "PAGE_SIZE_INVALID",
      `Invalid page size: expected a whole number, 0 or greater, got ${String(wished)}.`,
      { metadata: { pageSize: String(wished) } },
    );
  }
  return Math.min(wished, LIMITS.pageSizeMax);
}
