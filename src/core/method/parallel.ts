import { LIMITS } from "../limits.ts";
import { checkOptionNames } from "../value/options.ts";
import { givenText } from "./validation.ts";

/**
 * Limits the parallel operations of a method across all processes. An operation counts from its
 * start until it is done.
 */
export interface ParallelOptions<Request = unknown> {
  /**
   * Returns the key of a request, such as the name of its resource. The limit applies to all
   * operations with the same key. 256 characters at most.
   *
   * @default "" for all requests: one limit for the whole method
   */
  readonly key?: (request: Request) => string;
  /** Whole, 1 to 1000. @default 1 */
  readonly limit?: number;
  /**
   * The treatment of a start above the limit: it is refused with PARALLEL_LIMIT_REACHED, or the
   * operation waits until another one is done.
   */
  readonly when: "reject" | "queue";
}

/** {@link ParallelOptions}, validated and with all defaults. */
export interface ParallelPolicy {
  readonly limit: number;
  readonly when: "reject" | "queue";
  /**
   * The key of a request, of any length. @throws {TypeError} if the developer's function does not
   * return a string
   */
  key(request: unknown): string;
}

const OPTIONS: ReadonlySet<string> = new Set(["key", "limit", "when"] satisfies (keyof ParallelOptions)[]);

/** Names of these options in other libraries, for suggestions in errors. */
const OTHER_NAMES = { concurrency: "limit", max: "limit", mode: "when" };

/**
 * Validates the options and adds the defaults.
 *
 * @throws {TypeError} with the method, the option, its allowed values and its value
 */
export function parallelPolicy<Request>(method: string, options: ParallelOptions<Request>): ParallelPolicy {
  const what = `${method}: parallel`;
  checkOptionNames(what, options, OPTIONS, { example: '{ when: "queue" }', otherNames: OTHER_NAMES });
  const { key = () => "", limit = 1, when } = options;
  if (typeof key !== "function") {
    throw new TypeError(`${what}.key: expected a function of the request, got ${String(key)}`);
  }
  if (!Number.isInteger(limit) || limit < 1 || limit > LIMITS.parallelLimitMax) {
    const most = LIMITS.parallelLimitMax;
    throw new TypeError(`${what}.limit: expected a whole number from 1 to ${most}, got ${String(limit)}`);
  }
  if (when !== "reject" && when !== "queue") {
    throw new TypeError(`${what}.when: expected "reject" or "queue", got ${JSON.stringify(when)}`);
  }
  return {
    limit,
    when,
    key: (request) => givenText(`${what}.key`, key(request as Request)),
  };
}
