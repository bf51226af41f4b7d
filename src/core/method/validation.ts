import type { Clock } from "../ports/clock.ts";
import { formatDuration } from "../value/duration.ts";
import { serviceError } from "../error/error.ts";
import { LIMITS } from "../limits.ts";
import { shownOption } from "../value/options.ts";
import type { Schema, SchemaResult } from "./schema.ts";

/** Validates values with schemas of users, which may be slow, throw, or never answer. */
export class Validations {
  readonly #clock: Pick<Clock, "after">;
  #underWay = 0;

  constructor(clock: Pick<Clock, "after">) {
    this.#clock = clock;
  }

  /**
   * The result of a schema for a value; a promise only if the schema returns one.
   *
   * @throws the errors of the schema; {TypeError} for an invalid result
   * @returns rejects without an answer within `LIMITS.validationMsMax`, and with RESOURCE_EXHAUSTED
   *   TOO_MANY_VALIDATIONS if `LIMITS.validationsMax` are waiting
   */
  of(schema: Schema, value: unknown): SchemaResult<unknown> | Promise<SchemaResult<unknown>> {
    const answer: unknown = schema["~standard"].validate(value);
    return isPromise(answer) ? this.#awaited(answer) : checkResult(answer);
  }

  async #awaited(answer: PromiseLike<unknown>): Promise<SchemaResult<unknown>> {
    const { promise: tooLate, reject } = Promise.withResolvers<never>();
    const first = Promise.race([answer, tooLate]);
    // Nobody may be waiting for it any more.
    first.catch(() => {});
    if (this.#underWay >= LIMITS.validationsMax) throw tooMany();
    this.#underWay++;
    const within = formatDuration(LIMITS.validationMsMax);
    const timer = this.#clock.after(LIMITS.validationMsMax, () =>
      reject(new Error(`The schema gave no answer within ${within}`)),
    );
    try {
      return checkResult(await first);
    } finally {
      timer.cancel();
      this.#underWay--;
    }
  }
}

/** Whether it is a promise of any implementation. */
function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}

/** A text from a function of a user. @throws {TypeError} for any other value, with the function */
export function givenText(what: string, given: unknown): string {
  if (typeof given === "string") return given;
  // An unhandled rejection would end the process.
  if (isPromise(given)) Promise.resolve(given).catch(() => {});
  const shown = isPromise(given) ? "a promise" : shownOption(given);
  throw new TypeError(`${what}: expected it to give a text, got ${shown}`);
}

function checkResult(answer: unknown): SchemaResult<unknown> {
  if (typeof answer === "object" && answer !== null) {
    const { issues } = answer as { readonly issues?: unknown };
    if (Array.isArray(issues) || (issues === undefined && "value" in answer))
      return answer as SchemaResult<unknown>;
  }
  throw new TypeError(
    `The schema gave no result: expected { value } or { issues }, got ${shownOption(answer)}`,
  );
}

function tooMany(): Error {
  const max = LIMITS.validationsMax;
  return serviceError(
    "TOO_MANY_VALIDATIONS",
    `${max} requests wait for their schemas already; try again later.`,
    {
      metadata: { max: String(max) },
    },
  );
}
