import { AttemptError } from "../core/method/attempt-error.ts";
import { type AttemptDetails, detailsOf } from "../core/method/attempt-details.ts";
import { AttemptAborted, type Context } from "../core/method/method.ts";
import { REASONS, type Reason } from "../core/error/error.ts";
import { HandedOver } from "../core/method/handed-over.ts";
import { formatDuration } from "../core/value/duration.ts";
import { networkErrorText } from "../outbound/network-error.ts";
import { RequestTimeout } from "../outbound/sender.ts";
import { readAnswer } from "./answer.ts";
import { Caller } from "./caller.ts";
import { workRequest } from "./request.ts";
import type { TargetSetting } from "./setting.ts";

/**
 * Runs an attempt at a target.
 *
 * @throws the errors that `httpTarget` documents
 */
export async function runTarget(setting: TargetSetting, context: Context<never>): Promise<unknown> {
  const details = detailsOf(context);
  if (details === undefined)
    throw new TypeError(
      "An HTTP target runs within a worker: try it with a server, such as startTestServer()",
    );
  const caller = details.belongings.of(setting, () => new Caller(setting, details.clock));
  const { clock } = details;
  const controller = new AbortController();
  const abort = (): void => controller.abort(context.signal.reason);
  const late = clock.after(setting.timeoutMs, () => controller.abort(new RequestTimeout("no answer")));
  context.signal.addEventListener("abort", abort, { once: true });
  if (context.signal.aborted) abort();
  try {
    return await exchanged(caller, setting, details, controller.signal);
  } catch (error) {
    throw await told(error, { caller, setting, details, signal: controller.signal });
  } finally {
    late.cancel();
    context.signal.removeEventListener("abort", abort);
  }
}

async function exchanged(
  caller: Caller,
  setting: TargetSetting,
  details: AttemptDetails,
  signal: AbortSignal,
): Promise<unknown> {
  const { method, operation, attemptToken, clock } = details;
  const endTime = Math.min(details.time() + setting.timeoutMs, operation.deadlineTime ?? Number.MAX_VALUE);
  const request = workRequest(setting, details, endTime);
  const response = await caller.post(setting.url, request, signal);
  const hasToken = attemptToken !== undefined;
  return readAnswer(response, { method, hasToken, clock, signal });
}

interface Exchange {
  readonly caller: Caller;
  readonly setting: TargetSetting;
  readonly details: AttemptDetails;
  readonly signal: AbortSignal;
}

/** The error of the attempt, after the target was notified that nobody waits. */
async function told(error: unknown, { caller, setting, details, signal }: Exchange): Promise<unknown> {
  if (error instanceof HandedOver || error instanceof AttemptError) return error;
  const { name } = details.method;
  const reason: unknown = signal.aborted ? signal.reason : undefined;
  if (reason instanceof AttemptAborted) {
    // After a lost lease, another attempt may be running, which the target must not stop.
    if (reason.why !== "lease-lost") await caller.cancel(details, reason.why);
    return reason;
  }
  if (reason instanceof RequestTimeout) {
    await caller.cancel(details, "timeout");
    const within = formatDuration(setting.timeoutMs);
    return retried("TARGET_TIMED_OUT", `The target of "${name}" did not answer within ${within}.`, error);
  }
  const why = networkErrorText(error);
  return retried("TARGET_UNREACHABLE", `The target of "${name}" cannot be reached: ${why}.`, error);
}

function retried(reason: Reason, message: string, cause: unknown): AttemptError {
  const exception = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
  return new AttemptError(REASONS[reason][0], message, { reason, retryDelayMs: 0, exception });
}
