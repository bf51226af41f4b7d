import { serviceError, StatusError } from "../core/error.ts";
import { fieldError } from "../core/issues.ts";
import { LIMITS } from "../core/limits.ts";
import { formatName } from "../core/name.ts";
import type { Operation } from "../core/operation.ts";
import type { Operations } from "./operations.ts";
import type { StartRequest } from "./request.ts";

/** What became of one of many starts. An error that is no StatusError is a bug of ours or of a method's author. */
export type StartResult =
  | { readonly operation: Operation; readonly error?: undefined }
  | { readonly operation?: undefined; readonly error: unknown };

/**
 * Starts many operations, each for itself: a start that is refused does not disturb the others. They are begun in one turn,
 * so that they travel to the store together: in one batch where none is under way.
 *
 * @param starts requests, or why what stands in their place is none
 * @returns the results in the order of the starts
 * @throws {StatusError} INVALID_ARGUMENT REQUEST_INVALID where there are none, or too many; nothing is started then
 */
export async function startMany(
  operations: Pick<Operations, "start">,
  starts: readonly (StartRequest | StatusError)[],
): Promise<readonly StartResult[]> {
  checkStartCount(starts.length);
  const priorities = starts.map((each) => (each instanceof StatusError ? 0 : (each.priority ?? 0)));
  const highest = priorities.reduce((a, b) => Math.max(a, b), 0);
  const settled = await Promise.allSettled(
    starts.map(async (start, index) => {
      if (start instanceof StatusError) throw start;
      // What has a lower priority than others here is not to have a worker before them.
      return operations.start(start, { handOver: priorities[index] === highest });
    }),
  );
  return withinBytes(
    settled.map((each) =>
      each.status === "fulfilled" ? { operation: each.value } : { error: each.reason as unknown },
    ),
  );
}

/** Before anything is made of each. @throws {StatusError} INVALID_ARGUMENT REQUEST_INVALID for none, and for too many */
export function checkStartCount(count: number): void {
  if (count >= 1 && count <= LIMITS.startsMax) return;
  throw requestsInvalid(`Invalid requests: expected 1 to ${LIMITS.startsMax}, got ${count}.`);
}

/** The error for a call that does not hold a list of requests. */
export function requestsInvalid(description: string): StatusError {
  return fieldError("REQUEST_INVALID", { field: "requests", description });
}

/**
 * The results that fit into one answer.
 *
 * Repeated starts answer operations that may have ended, with all of their payloads: what does not fit into an answer is
 * told to be asked for again, alone.
 */
function withinBytes(results: readonly StartResult[]): readonly StartResult[] {
  let bytes = 0;
  let refused = 0;
  return results.map((result) => {
    if (result.operation === undefined)
      return ++refused <= LIMITS.issuesMax ? result : { error: withoutDetails(result.error) };
    const { metadata, response } = result.operation;
    const own = (metadata?.json.length ?? 0) + (response?.json.length ?? 0);
    bytes += own;
    // What has just been started has neither, and always fits: whoever is told of an error would start it again.
    return own === 0 || bytes <= LIMITS.pageBytesMax ? result : { error: tooLarge(result.operation) };
  });
}

/** What is wrong with the first refused starts is told at length; of the others the message has to do. */
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
