import { CODES, type ErrorCode } from "../error/code.ts";
import { type Duration, durationMs } from "../value/duration.ts";
import { LIMITS } from "../limits.ts";
import { didYouMean } from "../value/nearest.ts";
import { checkOptionNames, shownOption } from "../value/options.ts";

/** The retry policy of a method, as its developer writes it. */
export interface RetryOptions {
  /** The total number of attempts, including the first. @default 3 */
  readonly attempts?: number;
  /** Delay after the first failed attempt. @default "1s" */
  readonly initialDelay?: Duration;
  /** The factor between consecutive delays. @default 2 */
  readonly multiplier?: number;
  /** The longest delay. @default "60s", or the initial delay if that is longer */
  readonly maxDelay?: Duration;
  /**
   * Replaces the four options above: the delay after each failed attempt except the last, such as
   * `["5s", "5m", "2h"]` for four attempts. Each delay varies randomly by up to a fifth.
   */
  readonly delays?: readonly Duration[];
  /**
   * Codes of thrown {@link StatusError}s that lead to another attempt. A StatusError with any other
   * code ends the operation.
   * @default ["UNAVAILABLE"], the only code that AIP-194 calls safe to retry
   */
  readonly codes?: readonly ErrorCode[];
}

/** {@link RetryOptions}, validated and with all defaults. */
export interface RetryPolicy {
  readonly attempts: number;
  readonly initialDelayMs: number;
  readonly multiplier: number;
  readonly maxDelayMs: number;
  /**
   * The delay after each failed attempt except the last; null if the delays grow by the multiplier.
   */
  readonly delaysMs: readonly number[] | null;
  readonly codes: ReadonlySet<ErrorCode>;
}

const OPTIONS = {
  attempts: true,
  initialDelay: true,
  multiplier: true,
  maxDelay: true,
  delays: true,
  codes: true,
} as const satisfies Record<keyof RetryOptions, true>;

/** Names of these options in other libraries, for suggestions in errors. */
const OTHER_NAMES = {
  count: "attempts",
  delay: "initialDelay",
  factor: "multiplier",
  limit: "attempts",
  max: "attempts",
  maxAttempts: "attempts",
  retries: "attempts",
};

/**
 * Validates the options and adds the defaults.
 *
 * @param the prefix of error messages, such as `createArchive: retry`
 * @throws {TypeError} with the option, its allowed values and its value
 */
export function retryPolicy(options: RetryOptions = {}, what = "retry"): RetryPolicy {
  const example = "{ attempts: 3 }";
  checkOptionNames(what, options, Object.keys(OPTIONS), { example, otherNames: OTHER_NAMES });
  const listed = listedDelays(what, options);
  if (listed !== null) return { ...listed, codes: codes(`${what}.codes`, options.codes) };
  const attempts = options.attempts ?? 3;
  if (!Number.isInteger(attempts) || attempts < 1 || attempts > 1_000) {
    throw new TypeError(
      `${what}.attempts: expected a whole number from 1 to 1000, got ${shownOption(attempts)}`,
    );
  }
  const multiplier = options.multiplier ?? 2;
  if (!(multiplier >= 1 && multiplier <= 100)) {
    throw new TypeError(
      `${what}.multiplier: expected a number from 1 to 100, got ${shownOption(multiplier)}`,
    );
  }
  const grown = { attempts, multiplier, ...delays(what, options), delaysMs: null };
  return { ...grown, codes: codes(`${what}.codes`, options.codes) };
}

/** The policy of a list of delays; null without a list. */
function listedDelays(what: string, options: RetryOptions): Omit<RetryPolicy, "codes"> | null {
  const { delays: listed } = options;
  if (listed === undefined) return null;
  const other = (["attempts", "initialDelay", "multiplier", "maxDelay"] as const).find(
    (each) => options[each] !== undefined,
  );
  if (other !== undefined)
    throw new TypeError(`${what}.delays: it says how often and when, so ${what}.${other} has to be left out`);
  if (!Array.isArray(listed) || listed.length < 1 || listed.length > DELAYS_MAX)
    throw new TypeError(
      `${what}.delays: expected a list of 1 to ${DELAYS_MAX} durations such as ["5s", "5m"], got ${shownOption(listed)}`,
    );
  const delaysMs = listed.map((each, index) => delayMs(`${what}.delays[${index}]`, each) ?? 0);
  const initialDelayMs = delaysMs[0] ?? 0;
  return {
    attempts: delaysMs.length + 1,
    initialDelayMs,
    multiplier: 1,
    maxDelayMs: Math.max(...delaysMs),
    delaysMs,
  };
}

/** One less than the maximum of attempts. */
const DELAYS_MAX = 999;

function delays(
  what: string,
  { initialDelay, maxDelay }: RetryOptions,
): Pick<RetryPolicy, "initialDelayMs" | "maxDelayMs"> {
  const initialDelayMs = delayMs(`${what}.initialDelay`, initialDelay) ?? 1_000;
  const maxDelayMs = delayMs(`${what}.maxDelay`, maxDelay) ?? Math.max(60_000, initialDelayMs);
  if (initialDelayMs <= maxDelayMs) return { initialDelayMs, maxDelayMs };
  throw new TypeError(
    `${what}.maxDelay: expected no less than the initial delay of ${shownOption(initialDelay ?? "1s")}, got ${shownOption(maxDelay)}`,
  );
}

function delayMs(what: string, duration: Duration | undefined): number | undefined {
  const ms = duration === undefined ? undefined : durationMs(what, duration);
  if (ms === undefined || ms <= LIMITS.delayMsMax) return ms;
  throw new TypeError(
    `${what}: expected ${LIMITS.delayMsMax / 86_400_000}d at most, got ${shownOption(duration)}`,
  );
}

function codes(what: string, given: readonly ErrorCode[] = ["UNAVAILABLE"]): ReadonlySet<ErrorCode> {
  if (!Array.isArray(given))
    throw new TypeError(`${what}: expected a list such as ["UNAVAILABLE"], got ${shownOption(given)}`);
  const known = Object.keys(CODES).filter((each) => each !== "OK");
  for (const code of given) {
    if (known.includes(code)) continue;
    const meant = typeof code === "string" ? didYouMean(code, known) : "";
    throw new TypeError(
      `${what}: expected codes of errors, got ${shownOption(code)}${meant}; there are ${known.join(", ")}`,
    );
  }
  return new Set(given);
}

/** The policy for unknown methods, such as in a server that only sweeps. */
export const RETRY_POLICY_DEFAULT: RetryPolicy = retryPolicy();

/**
 * The delay after the `failedAttempts`-th failed attempt. It grows exponentially, and half of it is
 * random, so that operations that failed together do not retry together. With a list of delays, it
 * is the listed delay, a fifth more or less.
 *
 * @param failedAttempts the number of failed attempts, including the latest; from 1
 * @param fraction a random number from 0 to 1
 * @returns whole milliseconds: between half and the whole of min(maxDelay, initialDelay ×
 * multiplier^(failedAttempts − 1)); with a list, between four and six fifths of the listed delay,
 * or of the longest one after the end of the list
 */
export function retryDelayMs(policy: RetryPolicy, failedAttempts: number, fraction: number): number {
  const { initialDelayMs, maxDelayMs, multiplier, delaysMs } = policy;
  if (delaysMs !== null) {
    const listed = delaysMs[failedAttempts - 1] ?? maxDelayMs;
    return Math.round(listed * (0.8 + 0.4 * fraction));
  }
  // The power can overflow to Infinity, and 0 × Infinity is NaN.
  const factor = Math.min(multiplier ** (failedAttempts - 1), Number.MAX_SAFE_INTEGER);
  const full = Math.min(maxDelayMs, initialDelayMs * factor);
  return Math.round(full / 2 + (full / 2) * fraction);
}
