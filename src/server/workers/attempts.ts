import { StatusError } from "../../core/error/error.ts";
import type { Payload } from "../../core/operation/payload.ts";
import type { ClaimedAttempt } from "../../engine/workers/worker-calls.ts";
import { claimInvalid } from "./json-payloads.ts";

/** A renewal, and the error of its metadata: the attempt continues nevertheless. */
export interface ReadRenewal {
  readonly attempt: ClaimedAttempt;
  readonly metadata: Payload | undefined;
  readonly refused: StatusError | undefined;
}

/**
 * The identification of an attempt, checked for completeness. @throws {StatusError}
 * INVALID_ARGUMENT CLAIM_INVALID
 */
export function checkedAttempt(attempt: ClaimedAttempt, pathOf: (field: string) => string): ClaimedAttempt {
  if (attempt.name === "")
    throw claimInvalid(pathOf("name"), "expected the name of an operation, got nothing");
  if (attempt.attempt < 1)
    throw claimInvalid(
      pathOf("attempt"),
      `expected the number of an attempt, from 1, got ${attempt.attempt}`,
    );
  if (attempt.token === "")
    throw claimInvalid(pathOf("token"), "expected the token that the claim brought, got nothing");
  return attempt;
}

/** A renewal, even if its metadata is invalid. */
export function renewalOf(attempt: ClaimedAttempt, readMetadata: () => Payload | undefined): ReadRenewal {
  try {
    return { attempt, metadata: readMetadata(), refused: undefined };
  } catch (error) {
    if (error instanceof StatusError) return { attempt, metadata: undefined, refused: error };
    throw error;
  }
}
