import type { Context } from "../core/method/method.ts";
import type { HttpTargetOptions } from "./options.ts";
import { targetSetting } from "./setting.ts";

/** A handler that calls a target for its work. */
export type HttpTargetHandler = (request: unknown, context: Context<never>) => Promise<never>;

/**
 * Creates a handler that posts the request of an operation to a URL and returns the answer as the
 * response:
 *
 * ```ts
 * defineMethod({ name: "resize", request, response, run: httpTarget({ url: "https://images.internal/resize" }) });
 * ```
 *
 * `docs/http-targets.md` describes the meaning of each answer. The handler throws
 * {@link StatusError}s with the target's code, and `TARGET_UNREACHABLE`, `TARGET_TIMED_OUT`,
 * `TARGET_TOKEN_UNAVAILABLE` (all retried), `TARGET_NOT_ANSWERED` and `RESPONSE_INVALID`.
 *
 * @throws {TypeError} with the invalid option, its allowed values and its value
 */
export function httpTarget(options: HttpTargetOptions): HttpTargetHandler {
  const setting = targetSetting(options);
  return async (_, context) => {
    // Loaded by the first attempt, because a process without handlers does not need it.
    const { runTarget } = await import("./run.ts");
    return (await runTarget(setting, context)) as never;
  };
}
