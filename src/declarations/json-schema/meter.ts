import { LIMITS } from "../../core/limits.ts";

/** The error for a value that is too expensive to validate. */
export class CheckCostError extends Error {
  override readonly name = "CheckCostError";
}

const TOO_MANY_CHARACTERS = `must have ${LIMITS.schemaPatternCharactersMax} characters at most in what is matched with patterns, all together`;

/**
 * The remaining budget for the check of one value. Checks are synchronous, so one meter serves all
 * schemas of a process.
 */
export class Meter {
  steps = 0;
  #characters = 0;
  /** By pattern and text. */
  readonly #matched = new Map<string, Map<string, boolean>>();

  /** Starts a check. */
  reset(): void {
    this.steps = LIMITS.schemaStepsMax;
    this.#characters = LIMITS.schemaPatternCharactersMax;
    this.#matched.clear();
  }

  /** Counts steps. @throws {CheckCostError} */
  spend(steps: number): void {
    this.steps -= steps;
    if (this.steps < 0) throw this.spent();
  }

  /**
   * Whether a text matches a pattern. A result is kept until the next value, so that the second
   * check of a value matches no text again.
   *
   * @throws {CheckCostError} if the texts have too many characters
   */
  matched(pattern: string, text: string, match: () => boolean): boolean {
    const results = this.#matched.get(pattern) ?? new Map<string, boolean>();
    const known = results.get(text);
    if (known !== undefined) return known;
    this.#characters -= text.length + 1;
    if (this.#characters < 0) throw new CheckCostError(TOO_MANY_CHARACTERS);
    const isMatch = match();
    this.#matched.set(pattern, results.set(text, isMatch));
    return isMatch;
  }

  /** The error when no steps are left. */
  spent(): CheckCostError {
    return new CheckCostError("has more values than can be checked with its schema; send less at once");
  }
}
