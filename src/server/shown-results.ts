import { errorDetails } from "../core/error/error-details.ts";
import type { Tell } from "../core/events.ts";
import type { Random } from "../core/ports/random.ts";
import type { StartResult } from "../engine/starting/start-many.ts";
import type { ShownResult } from "../wire/operation.ts";
import { type CallFacts, forCaller } from "./error-for-caller.ts";

/** What telling callers of errors takes. */
export interface ErrorContext {
  /** The `domain` of errors. */
  readonly domain: string;
  readonly tell: Tell;
  readonly random: Random;
}

/** Results of many starts as callers are told: errors with all of their details, and none of a bug's text. */
export function shownResults(
  results: readonly StartResult[],
  context: ErrorContext,
  call: CallFacts,
): readonly ShownResult[] {
  return results.map(({ operation, error }) => {
    if (operation !== undefined) return { operation };
    const shown = forCaller(error, context, call);
    const { code, message } = shown;
    return { error: { code, message, details: errorDetails(shown, context.domain) } };
  });
}
