import { serviceError } from "../error/error.ts";
import { LIMITS } from "../limits.ts";

/**
 * How many operations a page holds for the size a caller wished.
 *
 * @param wished undefined or 0 for the default; above the maximum is lowered silently
 * @throws {StatusError} INVALID_ARGUMENT PAGE_SIZE_INVALID for a negative or broken number
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
