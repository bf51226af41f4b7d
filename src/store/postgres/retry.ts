import { systemClock } from "../../core/ports/clock.ts";
import type { Random } from "../../core/ports/random.ts";
import { StatusError } from "../../core/error/error.ts";
import { InvariantError } from "../../core/invariant.ts";
import type { Patience } from "../lane.ts";
import { faultError, type FaultKind, faultKind, isAnswerTimeout } from "./fault.ts";

/**
 * How long the same statement is tried again. Those that conflict with others make progress together and are worth a wait;
 * a database that is away is told of soon, so that callers can decide for themselves.
 */
const CONFLICT_MS = 8_000;
const OUTAGE_MS = 2_500;
const PAUSE_MS_MIN = 5;
const PAUSE_MS_MAX = 250;
/** Commands of a lane that are tried alone at once: each may hold a connection for as long as a lock is waited for. */
const ALONE_MAX = 2;

/** How long a command is tried that conflicts with others. Real time, whatever clock a test turns: others are waited for. */
export function conflictPatience(random: Random): Patience {
  return {
    clock: systemClock,
    patienceMs: CONFLICT_MS,
    pause: (tries) => pause(random, tries),
    aloneMax: ALONE_MAX,
  };
}

/**
 * Carries out what may be tried again. Real time, whatever clock a test turns: it is the network that is waited for.
 *
 * @param run is told whether an earlier try may have been committed without our knowing. It then has to find out: an insert
 *   by id and request id, a replacement by the revision that it wrote, a renewal by its attempt.
 * @throws {StatusError} UNAVAILABLE STORE_UNAVAILABLE
 * @throws {InvariantError} where our statement is wrong
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
 * As {@link retrying}, and throws the errors of the database as they are.
 *
 * @param passesOn whether a fault of this kind is thrown at once. @default never
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
      // A process that stood still finds its time used up and nothing tried; a database that kept silent had its time.
      const isOver = systemClock.monotonic() - startedAt > budgetMs && (tries > 1 || isAnswerTimeout(error));
      if (isFinal || isOver) throw error;
      isRepeated ||= kind === "unknown";
      await pause(random, tries);
    }
  }
}

/** Twice as long each time, and by chance, so that those who met once do not meet again. */
function pause(random: Random, tries: number): Promise<void> {
  const mostMs = Math.min(PAUSE_MS_MIN * 2 ** tries, PAUSE_MS_MAX);
  return new Promise((resolve) => systemClock.after(mostMs * random.fraction(), resolve));
}
