import { errorDetails } from "../core/error/error-details.ts";
import type { Tell } from "../core/events.ts";
import type { Random } from "../core/ports/random.ts";
import type { StartResult } from "../engine/starting/start-many.ts";
import type { ShownResult } from "../wire/operation.ts";
import { type CallFacts, forCaller } from "./error-for-caller.ts";

/** The parts needed to convert errors for callers. */
export interface ErrorContext {
  /** The `domain` of errors. */
  readonly domain: string;
  readonly tell: Tell;
  readonly random: Random;
}

/**
 * The results of many starts for callers: errors have all their details, but bugs show no internal
 * text.
 */
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
