import { serviceError, type StatusError } from "../core/error/error.ts";
import { idExpireTime, idTime, isId } from "../core/operation/id.ts";
import { LIMITS } from "../core/limits.ts";
import { checkParent, type OperationName, parseName } from "../core/operation/name.ts";

/**
 * Names that lead to no record. There are no tombstones: an id tells when it was made and how long its operation was to be
 * kept, and that settles whether the operation expired or is not known.
 *
 * @see docs/decisions/0006-ids-tell-their-time-to-live.md
 */

/** The month of RFC 9562, which defines ids of version 7: no service has made one before. */
const FIRST_ID_TIME = Date.UTC(2024, 4, 1);

/**
 * Reads the name of an operation.
 *
 * @throws {StatusError} NOT_FOUND OPERATION_NOT_FOUND for what cannot be one; INVALID_ARGUMENT NAME_INVALID where its parent
 *   cannot be one either
 */
export function operationNameOf(name: string): OperationName {
  const parsed = parseName(name);
  if (parsed !== undefined && isId(parsed.id)) return parsed;
  checkParent(parsed?.parent ?? "");
  throw notFoundError(name);
}

/** The error for a name under which nothing is to be found. */
export function notFoundError(name: string): StatusError {
  const shown = name.slice(0, LIMITS.nameLengthMax);
  return serviceError("OPERATION_NOT_FOUND", `Operation "${shown}" was not found.`, {
    metadata: { operation: shown },
  });
}

/**
 * The error for an id that no record of the parent has, whatever other parents have: expired, if its time to live has passed since it was made, else not found. One
 * that was deleted is therefore not found until then, and expired from then on.
 *
 * @param now the store's clock
 * @throws {StatusError} INVALID_ARGUMENT NAME_INVALID where nothing can be under such a parent
 */
export function missingError(name: string, id: string, now: number): Error {
  // Only here: an operation that is there was started when its parent was allowed, and stays readable.
  checkParent(parseName(name)?.parent ?? "");
  if (idTime(id) < FIRST_ID_TIME || idTime(id) > now || idExpireTime(id) > now) return notFoundError(name);
  const shown = name.slice(0, LIMITS.nameLengthMax);
  return serviceError("OPERATION_EXPIRED", `Operation "${shown}" is not kept any more: it has expired.`, {
    metadata: { operation: shown },
  });
}
