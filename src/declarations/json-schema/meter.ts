import { LIMITS } from "../../core/limits.ts";

/** A value that costs more to check than a check may. */
export class CheckCostError extends Error {
  override readonly name = "CheckCostError";
}

/** What is left to one check of one value. Checks are not interrupted, so that one meter serves all schemas of a process. */
export class Meter {
  steps = 0;
  #characters = 0;

  /** Begins a check. */
  reset(): void {
    this.steps = LIMITS.schemaStepsMax;
    this.#characters = LIMITS.schemaPatternCharactersMax;
  }

  /** Counts what a pattern is going to match. @throws {CheckCostError} */
  match(text: string): void {
    this.#characters -= text.length + 1;
    if (this.#characters >= 0) return;
    const max = LIMITS.schemaPatternCharactersMax;
    throw new CheckCostError(
      `must have ${max} characters at most in what is matched with patterns, all together`,
    );
  }

  /** The error when no steps are left. */
  spent(): CheckCostError {
    return new CheckCostError("has more values than can be checked with its schema; send less at once");
  }
}
