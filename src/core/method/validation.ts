import type { Clock } from "../ports/clock.ts";
import { formatDuration } from "../value/duration.ts";
import { serviceError } from "../error/error.ts";
import { LIMITS } from "../limits.ts";
import { shownOption } from "../value/options.ts";
import type { Schema, SchemaResult } from "./schema.ts";

/** Checks values with schemas of users, which may take their time, throw, or never answer. */
export class Validations {
  readonly #clock: Pick<Clock, "after">;
  #underWay = 0;

  constructor(clock: Pick<Clock, "after">) {
    this.#clock = clock;
  }

  /**
   * What a schema says of a value: at once, or later where the schema answers later.
   *
   * @throws whatever the schema throws; {TypeError} for an answer that is none
   * @returns rejects where there is no answer within `LIMITS.validationMsMax`; with RESOURCE_EXHAUSTED TOO_MANY_VALIDATIONS where
   *   `LIMITS.validationsMax` are waited for
   */
  of(schema: Schema, value: unknown): SchemaResult<unknown> | Promise<SchemaResult<unknown>> {
    const answer: unknown = schema["~standard"].validate(value);
    return isPromise(answer) ? this.#awaited(answer) : checkResult(answer);
  }

  async #awaited(answer: PromiseLike<unknown>): Promise<SchemaResult<unknown>> {
    const { promise: tooLate, reject } = Promise.withResolvers<never>();
    const first = Promise.race([answer, tooLate]);
    // Nobody may be left to hear of it.
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

/** Whether it is a promise, of whatever make. */
function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}

/** A text that a function of a user's gave. @throws {TypeError} for anything else, naming the function */
export function givenText(what: string, given: unknown): string {
  if (typeof given === "string") return given;
  // It would end the process if it failed.
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
