import { LIMITS } from "../limits.ts";
import { checkOptionNames } from "../value/options.ts";
import { givenText } from "./validation.ts";

/** How many operations of a method go on in parallel, in all processes together, from the start of each until it is done. */
export interface ParallelOptions<Request = unknown> {
  /**
   * What the limit is for, such as the resource that the request names: operations of the same key are counted together.
   * 256 characters at most.
   *
   * @default "" for all: one limit for the method as a whole
   */
  readonly key?: (request: Request) => string;
  /** Whole, 1 to 1000. @default 1 */
  readonly limit?: number;
  /** What becomes of one more: it is refused with PARALLEL_LIMIT_REACHED, or it waits until one of the others is done. */
  readonly when: "reject" | "queue";
}

/** {@link ParallelOptions} with everything filled in and checked. */
export interface ParallelPolicy {
  readonly limit: number;
  readonly when: "reject" | "queue";
  /** The key of a request, however long. @throws {TypeError} when the developer's function gives no text */
  key(request: unknown): string;
}

const OPTIONS: ReadonlySet<string> = new Set(["key", "limit", "when"] satisfies (keyof ParallelOptions)[]);

/** What the options are called elsewhere. */
const OTHER_NAMES = { concurrency: "limit", max: "limit", mode: "when" };

/**
 * Checks and completes what a developer wrote.
 *
 * @throws {TypeError} naming the method, the option, what it may be and what it was
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
