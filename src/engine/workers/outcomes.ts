import { CODES } from "../../core/error/code.ts";
import { errorInfo } from "../../core/error/details.ts";
import type { StatusError } from "../../core/error/error.ts";
import { fieldError } from "../../core/error/violations.ts";
import type { Tell } from "../../core/events.ts";
import type { Method } from "../../core/method/method.ts";
import { retryDelayMs } from "../../core/method/retry.ts";
import { exceptionText, keptDetails, messageText, retryInfoMs } from "../../core/operation/kept-failure.ts";
import { formatName, type OperationName } from "../../core/operation/name.ts";
import type { Failure, Operation } from "../../core/operation/operation.ts";
import type { AttemptFailure } from "../../core/operation/transition.ts";
import type { Random } from "../../core/ports/random.ts";
import type { AttemptAnswer } from "../../core/ports/worker-port.ts";
import type { AttemptWrites } from "../attempt-writes.ts";
import { missingError } from "../missing.ts";
import { failureOf, type Proved } from "./attempt-calls.ts";
import { checkDelay, unknownMethod } from "./claim-checks.ts";
import type { GivenValues } from "./given-values.ts";
import type { NetworkWorkers } from "./network-workers.ts";
import type { RememberedAttempts } from "./remembered-attempts.ts";
import { lostError, stands, type Wanted } from "./standing.ts";
import type { ClaimedAttempt, Completion, OutcomeAnswer, RemoteFailure } from "./worker-calls.ts";

/** The parts of {@link Outcomes}. */
export interface OutcomesParts {
  readonly attempts: AttemptWrites;
  readonly methods: ReadonlyMap<string, Method>;
  readonly remembered: RememberedAttempts;
  readonly values: GivenValues;
  readonly callers: Pick<NetworkWorkers, "ended">;
  readonly random: Random;
  readonly tell: Tell;
  readonly domain: string;
}

/**
 * Stores outcomes of attempts by workers without the store. Each decision uses the claimed record,
 * if it is cached.
 */
export class Outcomes {
  readonly #parts: OutcomesParts;

  constructor(parts: OutcomesParts) {
    this.#parts = parts;
  }

  /** Ends the operation with a response. @throws {StatusError} the reason that nothing is stored */
  async complete({ entry, name }: Proved<Completion>): Promise<OutcomeAnswer> {
    const { attempts, values } = this.#parts;
    const known = await this.record(name, entry.attempt);
    const response = await values.response(this.method(known), entry.response);
    return this.#end(entry.attempt, known, { verb: "complete", response }, (operation) =>
      attempts.complete(operation, response),
    );
  }

  /** Ends the attempt with an error. @throws {StatusError} the reason that nothing is stored */
  async fail({ entry, name }: Proved<RemoteFailure>): Promise<OutcomeAnswer> {
    const known = await this.record(name, entry.attempt);
    const failure = this.#failure(entry, known, this.method(known));
    return this.#end(entry.attempt, known, { verb: "fail" }, async (operation) => {
      const answer = await this.#parts.attempts.fail(operation, failure);
      if (answer !== "lost") this.#tellThrew(known, failure);
      return answer;
    });
  }

  /** Releases the attempt. @throws {StatusError} the reason that nothing is stored */
  async release({ entry, name }: Proved<ClaimedAttempt>, delayMs: number): Promise<OutcomeAnswer> {
    const known = await this.record(name, entry);
    return this.#end(entry, known, { verb: "release" }, (operation) =>
      this.#parts.attempts.release(operation, delayMs),
    );
  }

  /** The record of an attempt, from the cache or the store. @throws {StatusError} NOT_FOUND */
  async record({ id }: OperationName, { name, attempt }: ClaimedAttempt): Promise<Operation> {
    const { remembered, attempts } = this.#parts;
    const known = remembered.find(id, attempt) ?? (await attempts.records.read(id));
    if (known !== undefined && formatName(known) === name) return known;
    throw missingError(name, id, attempts.time());
  }

  /** @throws {StatusError} NOT_FOUND METHOD_NOT_FOUND for a method that this process does not declare */
  method({ method }: Operation): Method {
    const declared = this.#parts.methods.get(method);
    if (declared === undefined) throw unknownMethod(method);
    return declared;
  }

  async #end(
    claimed: ClaimedAttempt,
    known: Operation,
    wanted: Wanted,
    write: (operation: Operation) => Promise<AttemptAnswer>,
  ): Promise<OutcomeAnswer> {
    const { attempts, remembered, callers, domain } = this.#parts;
    const { name, attempt } = claimed;
    // A write uses the attempt number in the record, so the record must belong to this attempt.
    const answer = known.attempt === attempt ? await write(known) : "lost";
    remembered.forget(known.id);
    callers.ended(claimed);
    if (answer !== "lost") {
      this.#tellEnd(known, wanted.verb);
      return { error: undefined, state: answer.operation.state };
    }
    const kept = await attempts.records.read(known.id);
    if (kept === undefined) throw missingError(name, known.id, attempts.time());
    if (stands(kept, attempt, wanted)) return { error: undefined, state: kept.state };
    this.#parts.tell["attempt.refused"]?.(toldOf(known, attempt));
    return { error: failureOf(lostError(kept, attempt), domain), state: kept.state };
  }

  #tellThrew(known: Operation, { exception }: AttemptFailure): void {
    if (exception === null) return;
    const worker = known.worker ?? undefined;
    this.#parts.tell["attempt.threw"]?.({ ...toldOf(known, known.attempt), worker, exception });
  }

  #tellEnd(known: Operation, verb: Wanted["verb"]): void {
    const { tell, attempts } = this.#parts;
    const durationMs = Math.max(0, attempts.time() - (known.attemptTime ?? known.createTime));
    tell["attempt.ended"]?.({ ...toldOf(known, known.attempt), how: HOW[verb], durationMs });
  }

  /** @throws {StatusError} INVALID_ARGUMENT ATTEMPT_ERROR_INVALID, CLAIM_INVALID */
  #failure(entry: RemoteFailure, known: Operation, method: Method): AttemptFailure {
    const { error, exception, final, retryDelayMs: delayMs } = entry;
    const { code } = error;
    if (!Object.hasOwn(CODES, code) || (code as string) === "OK") throw wrongCode(code);
    const { attempts, random, domain } = this.#parts;
    const { details, note } = keptDetails(error.details);
    const info = details.some((each) => each["@type"].endsWith("google.rpc.ErrorInfo"));
    const kept: Failure = {
      code,
      message: messageText(error.message),
      details: info ? details : [errorInfo({ reason: code, domain }), ...details],
    };
    const texts = [note, exception].filter((text) => text !== undefined && text !== "");
    const now = attempts.time();
    const policyMs = retryDelayMs(method.retry, known.failedAttempts + 1, random.fraction());
    const askedMs =
      delayMs === undefined ? Math.max(policyMs, retryInfoMs(kept)) : checkDelay("retry_delay", delayMs);
    // A worker that stops after a cancellation request reports this, and is not retried.
    const isLast = final || code === "CANCELLED";
    return {
      error: kept,
      exception: texts.length === 0 ? null : exceptionText(texts.join("\n")),
      retryTime: isLast ? null : now + askedMs,
    };
  }
}

const HOW = { complete: "completed", fail: "failed", release: "released" } as const;

function toldOf(operation: Operation, attempt: number) {
  return { operation: formatName(operation), method: operation.method, attempt };
}

function wrongCode(code: string): StatusError {
  const description = `Invalid error: expected a code of google.rpc.Code but OK, got ${code.slice(0, 100)}.`;
  return fieldError("ATTEMPT_ERROR_INVALID", { field: "error.code", description });
}
