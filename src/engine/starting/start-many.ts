import type { Caller } from "../../core/caller.ts";
import { serviceError, StatusError } from "../../core/error/error.ts";
import { fieldError } from "../../core/error/violations.ts";
import { LIMITS } from "../../core/limits.ts";
import { formatName } from "../../core/operation/name.ts";
import type { Operation } from "../../core/operation/operation.ts";
import type { Operations } from "../operations.ts";
import type { StartRequest } from "./request.ts";

/**
 * The result of one of many starts. An error other than a StatusError is a bug of the service or of
 * the method.
 */
export type StartResult =
  | { readonly operation: Operation; readonly error?: undefined }
  | { readonly operation?: undefined; readonly error: unknown };

/** The number of requests that are checked in one turn of the event loop. */
const CHECKED_IN_A_TURN = 100;

/**
 * Starts many operations independently: a refused start does not affect the others. Their requests
 * are validated in several turns of the event loop. Then all are started in one turn, so that the
 * store can write them in one batch.
 *
 * @param nextTurn yields the event loop. Default: everything happens in one turn
 * @param starts the requests, or the errors of invalid entries
 * @returns the results in the order of the starts
 * @throws {StatusError} INVALID_ARGUMENT REQUEST_INVALID if there are none or too many; nothing is
 * started then
 */
export async function startMany(
  operations: Pick<Operations, "start">,
  caller: Caller,
  starts: readonly (StartRequest | StatusError)[],
  nextTurn?: () => Promise<void>,
): Promise<readonly StartResult[]> {
  checkStartCount(starts.length);
  const priorities = starts.map((each) => (each instanceof StatusError ? 0 : (each.priority ?? 0)));
  const highest = priorities.reduce((a, b) => Math.max(a, b), 0);
  const checked = Promise.withResolvers<void>();
  const isLong = nextTurn !== undefined && starts.length > CHECKED_IN_A_TURN;
  const begin = async (start: StartRequest | StatusError, index: number): Promise<StartResult> => {
    if (start instanceof StatusError) return { error: start };
    // A lower priority must not get a worker before a higher one of this call.
    const handOver = priorities[index] === highest;
    try {
      const setting = isLong ? { handOver, after: checked.promise } : { handOver };
      return { operation: await operations.start(caller, start, setting) };
    } catch (error) {
      return { error };
    }
  };
  const results: Promise<StartResult>[] = [];
  for (const [index, start] of starts.entries()) {
    if (isLong && index > 0 && index % CHECKED_IN_A_TURN === 0) await nextTurn();
    results.push(begin(start, index));
  }
  if (isLong) await nextTurn();
  checked.resolve();
  return withinBytes(await Promise.all(results));
}

/**
 * Checks the number of starts. @throws {StatusError} INVALID_ARGUMENT REQUEST_INVALID for none or
 * too many
 */
export function checkStartCount(count: number): void {
  if (count >= 1 && count <= LIMITS.startsMax) return;
  throw requestsInvalid(`Invalid requests: expected 1 to ${LIMITS.startsMax}, got ${count}.`);
}

/** The error for a call without a list of requests. */
export function requestsInvalid(description: string): StatusError {
  return fieldError("REQUEST_INVALID", { field: "requests", description });
}

/**
 * The results that fit into one answer.
 *
 * A repeated start returns an operation that may be done and have large payloads. Results that do
 * not fit get an error that asks to repeat the start alone.
 */
function withinBytes(results: readonly StartResult[]): readonly StartResult[] {
  let bytes = 0;
  let refused = 0;
  return results.map((result) => {
    if (result.operation === undefined)
      return ++refused <= LIMITS.violationsMax ? result : { error: withoutDetails(result.error) };
    const { metadata, response } = result.operation;
    const own = (metadata?.json.length ?? 0) + (response?.json.length ?? 0);
    bytes += own;
    // A new operation has no payloads and always fits: after an error the caller would start it
    // again.
    return own === 0 || bytes <= LIMITS.pageBytesMax ? result : { error: tooLarge(result.operation) };
  });
}

/** Only the first refused starts have error details; the others have just the message. */
function withoutDetails(error: unknown): unknown {
  if (!(error instanceof StatusError) || error.details.length === 0) return error;
  const { code, message, reason, metadata, cause } = error;
  return new StatusError(code, message, { ...(reason === undefined ? {} : { reason }), metadata, cause });
}

function tooLarge(operation: Operation): StatusError {
  const bytesMax = LIMITS.pageBytesMax;
  return serviceError(
    "BATCH_TOO_LARGE",
    `The answers of this call are larger than ${bytesMax} bytes already; start this operation again, alone, with its request id.`,
    { metadata: { bytesMax: String(bytesMax), operation: formatName(operation) } },
  );
}
