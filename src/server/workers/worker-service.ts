import type { Caller } from "../../core/caller.ts";
import { errorDetails } from "../../core/error/error-details.ts";
import { StatusError } from "../../core/error/error.ts";
import { LIMITS } from "../../core/limits.ts";
import type { Failure } from "../../core/operation/operation.ts";
import type { ClaimSetting, RemoteWorkers } from "../../engine/workers/remote-workers.ts";
import type {
  Claim,
  ClaimedAttempt,
  ClaimRequest,
  OutcomeAnswer,
  RenewalAnswer,
} from "../../engine/workers/worker-calls.ts";
import { type CallFacts, forCaller } from "../error-for-caller.ts";
import type { ErrorContext } from "../shown-results.ts";
import { fittingAnswers } from "./answers.ts";
import type { ReadRenewal } from "./attempts.ts";
import { answeredEntries, type Entry } from "./entries.ts";

/** The use cases of workers without the store. */
export type WorkerUseCases = Pick<RemoteWorkers, "claim" | "renew" | "complete" | "fail" | "release">;

/** The context of a worker's call. */
export interface WorkerCallContext {
  readonly workers: WorkerUseCases;
  readonly caller: Caller;
  readonly errors: ErrorContext;
  readonly facts: CallFacts;
}

/** The functions that write claims. */
export interface ClaimWriting<T extends string | Uint8Array> {
  /** @throws {StatusError} for a claim whose payloads cannot be read here */
  readonly write: (claim: Claim) => T;
  /** Yields the event loop if there is much to write. */
  readonly nextTurn: () => Promise<void>;
}

/**
 * Claims operations, and writes as many as fit into one message. Claims that do not fit or cannot
 * be read here are released. The answer does not wait for that, because the first lease of an
 * unconfirmed claim ends by itself.
 *
 * @returns the written claims, and the store's time
 */
export async function claimed<T extends string | Uint8Array>(
  { workers, caller }: WorkerCallContext,
  request: ClaimRequest,
  setting: ClaimSetting,
  { write, nextTurn }: ClaimWriting<T>,
): Promise<{ readonly claims: readonly T[]; readonly time: number }> {
  const { claims, time } = await workers.claim(caller, request, setting);
  const shown: T[] = [];
  const left: ClaimedAttempt[] = [];
  const unreadable: ClaimedAttempt[] = [];
  let [bytes, turnBytes] = [0, 0];
  for (const claim of claims) {
    if (turnBytes > LIMITS.remoteTextPerTurn) {
      turnBytes = 0;
      await nextTurn();
    }
    // After a claim that did not fit, skip claims that are certainly too large.
    if (left.length > 0 && bytes + claim.operation.request.length > CLAIMS_BYTES_MAX) {
      left.push(claim.attempt);
      continue;
    }
    const written = writtenOrNot(claim, write);
    const size = written === undefined ? 0 : sizeOf(written);
    turnBytes += size;
    if (written === undefined) unreadable.push(claim.attempt);
    else if (shown.length > 0 && bytes + size > CLAIMS_BYTES_MAX) left.push(claim.attempt);
    else {
      shown.push(written);
      bytes += size;
    }
  }
  giveBack(workers, caller, left, 0);
  giveBack(workers, caller, unreadable, LIMITS.keyMissingDelayMs);
  return { claims: shown, time };
}

/** Leaves room for the text around the claims. */
const CLAIMS_BYTES_MAX = LIMITS.remoteMessageBytesMax - 16_384;

function writtenOrNot<T>(claim: Claim, write: (claim: Claim) => T): T | undefined {
  try {
    return write(claim);
  } catch (error) {
    if (error instanceof StatusError) return undefined;
    throw error;
  }
}

/** In UTF-8, plus a comma, or a tag and a length. */
function sizeOf(written: string | Uint8Array): number {
  return (typeof written === "string" ? Buffer.byteLength(written) : written.length) + 6;
}

function giveBack(
  workers: WorkerUseCases,
  caller: Caller,
  attempts: readonly ClaimedAttempt[],
  delayMs: number,
): void {
  if (attempts.length > 0) workers.release(caller, { attempts, delayMs }).catch(() => undefined);
}

/** Renews the valid entries together. */
export async function renewed(
  { workers, caller, errors, facts }: WorkerCallContext,
  leaseMs: number | undefined,
  entries: readonly Entry<ReadRenewal>[],
): Promise<readonly RenewalAnswer[]> {
  const send = async (renewals: readonly ReadRenewal[]): Promise<readonly RenewalAnswer[]> => {
    const answers = await workers.renew(caller, { leaseMs, renewals });
    return answers.map((answer, index) => {
      const refused = renewals[index]?.refused;
      return refused === undefined || answer.error !== undefined
        ? answer
        : { ...answer, error: failureOf(refused, errors, facts) };
    });
  };
  const answers = await answeredEntries(entries, send, (error) => ({
    held: false,
    leaseMs: 0,
    cancelRequested: false,
    error: failureOf(error, errors, facts),
  }));
  return fittingAnswers(answers);
}

/** Writes the valid outcomes together. @param send the use case */
export async function ended<T>(
  { errors, facts }: WorkerCallContext,
  entries: readonly Entry<T>[],
  send: (entries: readonly T[]) => Promise<readonly OutcomeAnswer[]>,
): Promise<readonly OutcomeAnswer[]> {
  const refused = (error: StatusError): OutcomeAnswer => ({
    error: failureOf(error, errors, facts),
    state: "",
  });
  return fittingAnswers(await answeredEntries(entries, send, refused));
}

/** An error in the form of an entry's answer. */
function failureOf(error: StatusError, context: ErrorContext, facts: CallFacts): Failure {
  const shown = forCaller(error, context, facts);
  const { code, message } = shown;
  return { code, message, details: errorDetails(shown, context.domain) };
}
