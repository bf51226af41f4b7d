import type { Caller } from "../../core/caller.ts";
import { errorDetails } from "../../core/error/error-details.ts";
import { serviceError, StatusError } from "../../core/error/error.ts";
import type { OperationName } from "../../core/operation/name.ts";
import type { Failure } from "../../core/operation/operation.ts";
import { PERMISSIONS } from "../../core/permission.ts";
import type { Clock } from "../../core/ports/clock.ts";
import { operationNameOf } from "../missing.ts";
import type { Chain } from "../policy.ts";
import type { AttemptTokens } from "./attempt-tokens.ts";
import { checkCount } from "./claim-checks.ts";
import { Turns } from "./turns.ts";
import type { ClaimedAttempt } from "./worker-calls.ts";

/** The parts of {@link AttemptCalls}. */
export interface AttemptCallsParts {
  readonly tokens: AttemptTokens;
  /** Undefined without ports and listeners. */
  readonly chain: Chain | undefined;
  readonly clock: Pick<Clock, "soon">;
  /** The service's name, for the ErrorInfo of errors. */
  readonly domain: string;
}

/** An entry whose caller has proved that it has the attempt. */
export interface Proved<E> {
  readonly entry: E;
  readonly name: OperationName;
}

/** The execution of one kind of entry. */
export interface EntryCall<E, A> {
  /** For records of the call: its RPC, and the name of the list in its request. */
  readonly rpc: string;
  readonly field: string;
  readonly attemptOf: (entry: E) => ClaimedAttempt;
  /** The number of characters of its payloads. */
  readonly textOf: (entry: E) => number;
  /** @throws {StatusError} the reason that nothing was stored */
  readonly carryOut: (proved: Proved<E>) => Promise<A>;
  /** The answer for a refused entry. */
  readonly refused: (failure: Failure) => A;
}

/** The context of the entries of one parent. */
interface Of<E, A> {
  readonly caller: Caller;
  readonly parent: string;
  readonly call: EntryCall<E, A>;
  readonly turns: Turns;
}

/** An entry with its index in the call. */
interface Placed<E> extends Proved<E> {
  readonly index: number;
}

/**
 * Calls about attempts, with many entries each: a refused entry does not affect the others.
 *
 * The entries of each parent pass the chain once, together, and are refused together. A wrong token
 * is refused before any read. Many or large entries are handled in several turns of the event loop.
 */
export class AttemptCalls {
  readonly #parts: AttemptCallsParts;

  constructor(parts: AttemptCallsParts) {
    this.#parts = parts;
  }

  /**
   * Executes a call.
   *
   * @returns the answers in the order of the entries
   * @throws {StatusError} INVALID_ARGUMENT CLAIM_INVALID for no entries, or too many; UNAVAILABLE
   * if all entries failed with it
   */
  async run<E, A>(caller: Caller, entries: readonly E[], call: EntryCall<E, A>): Promise<readonly A[]> {
    checkCount(call.field, entries.length);
    const answers: (A | StatusError)[] = [];
    const byParent = new Map<string, Placed<E>[]>();
    for (const [index, entry] of entries.entries()) {
      try {
        const name = operationNameOf(call.attemptOf(entry).name);
        const others = byParent.get(name.parent);
        if (others === undefined) byParent.set(name.parent, [{ entry, name, index }]);
        else others.push({ entry, name, index });
      } catch (error) {
        answers[index] = statusOf(error);
      }
    }
    const turns = new Turns(this.#parts.clock);
    const ofAll = [...byParent].map(async ([parent, placed]) => {
      const refusal = await this.#ofParent({ caller, parent, call, turns }, placed, answers);
      if (refusal === undefined) return;
      // A single call has a single refusal, which may contain a retry delay.
      if (byParent.size === 1 && refusal.code !== "PERMISSION_DENIED") throw refusal;
      for (const { index } of placed) answers[index] = refusal;
    });
    await Promise.all(ofAll);
    const [first] = answers;
    if (first instanceof StatusError && answers.every(isOutage)) throw first;
    return answers.map((each) =>
      each instanceof StatusError ? call.refused(failureOf(each, this.#parts.domain)) : each,
    );
  }

  /** @returns the chain's reason for refusing all of them */
  async #ofParent<E, A>(
    of: Of<E, A>,
    placed: readonly Placed<E>[],
    answers: (A | StatusError)[],
  ): Promise<StatusError | undefined> {
    const { caller, parent, call, turns } = of;
    await turns.enter(0);
    let isAllowed = false;
    const carryOut = async (): Promise<void> => {
      isAllowed = true;
      await this.#all(of, placed, answers);
    };
    const permission = PERMISSIONS.claim;
    try {
      await (this.#parts.chain?.run({ caller, permission, resource: parent, rpc: call.rpc }, carryOut) ??
        carryOut());
      return undefined;
    } catch (error) {
      if (isAllowed || !(error instanceof StatusError)) throw error;
      return error;
    }
  }

  async #all<E, A>(
    { call, turns }: Pick<Of<E, A>, "call" | "turns">,
    placed: readonly Placed<E>[],
    answers: (A | StatusError)[],
  ): Promise<void> {
    const underWay: Promise<void>[] = [];
    for (const each of placed) {
      const later = turns.enter(call.textOf(each.entry));
      if (later !== undefined) await later;
      const one = this.#one(call, each, answers);
      // Awaited after all have begun.
      one.catch(() => {});
      underWay.push(one);
    }
    const failed = (await Promise.allSettled(underWay)).find((each) => each.status === "rejected");
    if (failed !== undefined) throw failed.reason;
  }

  async #one<E, A>(call: EntryCall<E, A>, placed: Placed<E>, answers: (A | StatusError)[]): Promise<void> {
    const { index, entry } = placed;
    try {
      if (!this.#parts.tokens.fits(call.attemptOf(entry))) throw wrongToken(call.attemptOf(entry));
      answers[index] = await call.carryOut(placed);
    } catch (error) {
      answers[index] = statusOf(error);
    }
  }
}

/** The error of an entry. @throws errors that are not for callers */
function statusOf(error: unknown): StatusError {
  if (error instanceof StatusError) return error;
  throw error;
}

function isOutage(answer: unknown): boolean {
  return answer instanceof StatusError && answer.code === "UNAVAILABLE";
}

/** An error in the form of an answer. */
export function failureOf(error: StatusError, domain: string): Failure {
  return { code: error.code, message: error.message, details: errorDetails(error, domain) };
}

function wrongToken({ name, attempt }: ClaimedAttempt): StatusError {
  return serviceError(
    "ATTEMPT_TOKEN_INVALID",
    `The token is not the one that the claim of attempt ${attempt} of "${name}" brought.`,
    { metadata: { operation: name, attempt: String(attempt) } },
  );
}
