import { serviceError, type StatusError } from "../core/error/error.ts";
import { idExpireTime, idTime, isId } from "../core/operation/id.ts";
import { LIMITS } from "../core/limits.ts";
import { checkParent, type OperationName, parseName } from "../core/operation/name.ts";

/**
 * Names without a record. There are no tombstones: an id contains its creation time and time to
 * live, which tell an expired operation from an unknown one.
 *
 * @see docs/decisions/0006-ids-tell-their-time-to-live.md
 */

/** The month of RFC 9562, which defines ids of version 7; no service created such ids before. */
const FIRST_ID_TIME = Date.UTC(2024, 4, 1);

/**
 * Reads the name of an operation.
 *
 * @throws {StatusError} NOT_FOUND OPERATION_NOT_FOUND for an impossible name; INVALID_ARGUMENT
 * NAME_INVALID for an impossible parent
 */
export function operationNameOf(name: string): OperationName {
  const parsed = parseName(name);
  if (parsed !== undefined && isId(parsed.id)) return parsed;
  checkParent(parsed?.parent ?? "");
  throw notFoundError(name);
}

/** The error for a name without an operation. */
export function notFoundError(name: string): StatusError {
  const shown = name.slice(0, LIMITS.nameLengthMax);
  return serviceError("OPERATION_NOT_FOUND", `Operation "${shown}" was not found.`, {
    metadata: { operation: shown },
  });
}

/**
 * The error for an id without a record below the parent: expired if its time to live has passed
 * since its creation, otherwise not found. So a deleted operation is first not found, and later
 * expired.
 *
 * @param now the store's clock
 * @throws {StatusError} INVALID_ARGUMENT NAME_INVALID for an impossible parent
 */
export function missingError(name: string, id: string, now: number): Error {
  // Checked only for missing records: an existing operation stays readable even if its parent is no
  // longer valid.
  checkParent(parseName(name)?.parent ?? "");
  if (idTime(id) < FIRST_ID_TIME || idTime(id) > now || idExpireTime(id) > now) return notFoundError(name);
  const shown = name.slice(0, LIMITS.nameLengthMax);
  return serviceError("OPERATION_EXPIRED", `Operation "${shown}" is not kept any more: it has expired.`, {
    metadata: { operation: shown },
  });
}
