import { systemClock } from "../../core/ports/clock.ts";
import type { Random } from "../../core/ports/random.ts";
import { StatusError } from "../../core/error/error.ts";
import { InvariantError } from "../../core/invariant.ts";
import type { Patience } from "../patience.ts";
import { faultError, type FaultKind, faultKind, isAnswerTimeout } from "./fault.ts";

/**
 * How long a statement is retried. Conflicting statements make progress together and are worth a
 * wait; an unreachable database is reported soon, so that callers can decide for themselves.
 */
const CONFLICT_MS = 8_000;
const OUTAGE_MS = 2_500;
const PAUSE_MS_MIN = 5;
const PAUSE_MS_MAX = 250;
/**
 * The most commands of a lane that are tried alone at once: each may hold a connection while it
 * waits for a lock.
 */
const ALONE_MAX = 2;

/**
 * The patience for a command that conflicts with others. It uses real time even if a test sets the
 * clock, because it waits for other transactions.
 */
export function conflictPatience(random: Random): Patience {
  return {
    clock: systemClock,
    patienceMs: CONFLICT_MS,
    pause: (tries) => pause(random, tries),
    aloneMax: ALONE_MAX,
  };
}

/**
 * Runs work that may be retried. It uses real time even if a test sets the clock, because it waits
 * for the network.
 *
 * @param run called with true if an earlier attempt may have been committed without our knowledge.
 *   It must then find out: for an insert by id and request id, for a replacement by the revision
 *   that it wrote, for a renewal by its attempt.
 * @throws {StatusError} UNAVAILABLE STORE_UNAVAILABLE
 * @throws {InvariantError} if our statement is wrong
 */
export async function retrying<Result>(
  random: Random,
  run: (isRepeated: boolean) => Promise<Result>,
): Promise<Result> {
  try {
    return await untilAnswered(random, run);
  } catch (error) {
    throw faultError(error);
  }
}

/**
 * Like {@link retrying}, but throws the errors of the database unchanged.
 *
 * @param passesOn whether to throw a fault of this kind at once. @default never
 */
export async function untilAnswered<Result>(
  random: Random,
  run: (isRepeated: boolean) => Promise<Result>,
  passesOn: (kind: FaultKind) => boolean = () => false,
): Promise<Result> {
  const startedAt = systemClock.monotonic();
  let isRepeated = false;
  for (let tries = 1; ; tries++) {
    try {
      return await run(isRepeated);
    } catch (error) {
      if (error instanceof StatusError || error instanceof InvariantError) throw error;
      const kind = faultKind(error);
      const isFinal = kind === "bug" || kind === "refused" || passesOn(kind);
      const budgetMs = kind === "undone" ? CONFLICT_MS : OUTAGE_MS;
      // A stalled process may use up its time without an attempt, so it gets one; an unanswered
      // statement has used its time.
      const isOver = systemClock.monotonic() - startedAt > budgetMs && (tries > 1 || isAnswerTimeout(error));
      if (isFinal || isOver) throw error;
      isRepeated ||= kind === "unknown";
      await pause(random, tries);
    }
  }
}

/** The pause doubles each time and is random, so that conflicting callers do not meet again. */
function pause(random: Random, tries: number): Promise<void> {
  const mostMs = Math.min(PAUSE_MS_MIN * 2 ** tries, PAUSE_MS_MAX);
  return new Promise((resolve) => systemClock.after(mostMs * random.fraction(), resolve));
}
