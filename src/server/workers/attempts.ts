import { codeName, type ErrorCode } from "../../core/error/code.ts";
import { StatusError } from "../../core/error/error.ts";
import { fieldError } from "../../core/error/violations.ts";
import type { Payload } from "../../core/operation/payload.ts";
import type { ClaimedAttempt } from "../../engine/workers/worker-calls.ts";
import { shownValue } from "../rest/json-fields.ts";
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

/**
 * The code of an attempt's error, from its number. Proto-JSON allows numbers in quotes.
 *
 * @throws {StatusError} INVALID_ARGUMENT ATTEMPT_ERROR_INVALID
 */
export function errorCode(value: unknown, field: string): ErrorCode {
  const isQuoted = typeof value === "string" && /^\d{1,2}$/.test(value);
  const code = codeName(isQuoted || typeof value === "number" ? Number(value) : 0);
  if (code !== undefined && code !== "OK") return code;
  const rule = `expected the number of a google.rpc.Code, 1 to 16, got ${shownValue(value)}`;
  throw fieldError("ATTEMPT_ERROR_INVALID", { field, description: `Invalid value at '${field}': ${rule}.` });
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
