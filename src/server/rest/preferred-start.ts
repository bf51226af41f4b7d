import { StatusError } from "../../core/error/error.ts";
import { formatName } from "../../core/operation/name.ts";
import { isDone, type Operation } from "../../core/operation/operation.ts";
import { HTTP_ACCEPTED, HTTP_OK } from "../../wire/code.ts";
import { splitTarget } from "../target.ts";
import { API_VERSION } from "../view.ts";
import type { CallContext, CalledRoute, Result } from "./calls.ts";
import { OperationAnswer } from "./operation-answer.ts";
import { type Preference, preferenceOf } from "./prefer.ts";
import type { Answer } from "./reply.ts";

/** Whether a call has started an operation. A call that only validates has not. */
export function isStarted(route: CalledRoute, result: Result): result is Operation {
  return (route.call === "start" || route.call === "rpc") && !("json" in result) && result.id !== "";
}

/**
 * The answer to a start according to its caller's preference: after a wait, the operation as it is
 * then; otherwise 202 with the address to poll, unless the operation is done.
 *
 * @param prefer the header `Prefer`
 * @throws {StatusError} CANCELLED CALLER_GONE
 * @see RFC 7240; RFC 9110, section 15.3.3; contract 2, section 4.2
 */
export async function preferredAnswer(
  started: Operation,
  prefer: string | readonly string[],
  context: CallContext,
): Promise<Answer> {
  const preference = preferenceOf(prefer);
  if (preference === undefined) return new OperationAnswer(started, context.view);
  const waited = await waitedFor(started, preference.waitMs, context);
  const operation = waited ?? started;
  const done = isDone(operation);
  const applied = [
    ...(preference.respondAsync && !done ? ["respond-async"] : []),
    ...(waited === undefined ? [] : [`wait=${Math.floor((preference.waitMs ?? 0) / 1_000)}`]),
  ].join(", ");
  const headers = {
    ...(done ? {} : monitorHeaders(operation, context)),
    ...(applied === "" ? {} : { "preference-applied": applied }),
    vary: "Prefer",
  };
  const status = done ? HTTP_OK : HTTP_ACCEPTED;
  return new OperationAnswer(operation, context.view, { status, headers });
}

/**
 * Waits as Wait does. The operation has already been started, and its caller must learn its name,
 * so an error of the wait is no error of the start.
 *
 * @returns undefined if the wait was not possible
 */
async function waitedFor(
  started: Operation,
  waitMs: Preference["waitMs"],
  { operations, caller, request, waitMsMax }: CallContext,
): Promise<Operation | undefined> {
  if (waitMs === undefined) return undefined;
  const timeoutMs = waitMsMax === undefined ? waitMs : Math.min(waitMs, waitMsMax);
  try {
    return await operations.wait(caller, formatName(started), { timeoutMs, waiting: request.waiting() });
  } catch (error) {
    if (error instanceof StatusError && error.reason !== "CALLER_GONE") return undefined;
    throw error;
  }
}

/** The address and the delay for polling the operation, in the API version of the start. */
function monitorHeaders(
  operation: Operation,
  { operations, discovery, request }: CallContext,
): Readonly<Record<string, string>> {
  const [path] = splitTarget(request.target);
  const version = /^\/(v\d[a-z0-9]*)[/:]/.exec(path)?.[1] ?? API_VERSION;
  return {
    location: `${discovery.rootUrl(request)}${version}/${encodeURI(formatName(operation))}`,
    "retry-after": String(Math.max(1, Math.ceil(operations.pollIntervalMs(operation) / 1_000))),
  };
}
