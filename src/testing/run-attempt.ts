import { ANONYMOUS, type CallerIdentity, callerText } from "../core/caller.ts";
import { violationsText } from "../core/error/violations.ts";
import { encodedResponse } from "../core/method/encoding.ts";
import type { Method, ReceivedMetadata, ReceivedResponse, RequestOf } from "../core/method/method.ts";
import type { Schema } from "../core/method/schema.ts";
import { Validations } from "../core/method/validation.ts";
import { systemClock } from "../core/ports/clock.ts";
import { requestJson, validateRequest } from "../engine/starting/request.ts";
import { createContext } from "../worker/context.ts";
import { anOperation } from "./an-operation.ts";

/** The circumstances of an attempt that a test runs. */
export interface RunAttemptOptions<Metadata = unknown> {
  /** The number of the attempt, from 1. @default 1 */
  readonly attempt?: number;
  /** The last report of an earlier attempt. @default null: there is none */
  readonly lastReport?: Metadata;
  /** The caller who started the operation. @default `anonymous`, without a tenant */
  readonly caller?: CallerIdentity;
  /** The parent of the operation, such as `projects/p`. @default "" for none */
  readonly parent?: string;
  /** The signal of the handler. Abort it with an `AttemptAborted` as its reason. @default it never aborts */
  readonly signal?: AbortSignal;
  /** Receives each report as callers see it, for example to abort the signal then. */
  readonly onReport?: (report: Metadata) => void;
}

/** An attempt that ended with a response. */
export interface AttemptRun<Response, Metadata> {
  /** The response as callers receive it; null for a method without a response. */
  readonly response: Response;
  /** All reports as callers see them, also those that a server would skip as too frequent. */
  readonly reports: readonly Metadata[];
}

/**
 * Runs the handler of a method once, without a server and a store: validates the request, checks
 * each report and the response as a worker does. There are no retries.
 *
 * ```ts
 * const { response, reports } = await runAttempt(createArchive, { directory: "docs" });
 * ```
 *
 * @returns the response and the reports
 * @throws {StatusError} INVALID_ARGUMENT REQUEST_INVALID for an invalid request
 * @throws {TypeError} for a response that does not match its schema
 * @throws the errors of the handler
 */
export async function runAttempt<
  Q extends Schema,
  R extends Schema | undefined,
  M extends Schema | undefined,
>(
  method: Method<Q, R, M>,
  request: RequestOf<Q>,
  options: RunAttemptOptions<ReceivedMetadata<M>> = {},
): Promise<AttemptRun<ReceivedResponse<R>, ReceivedMetadata<M>>> {
  const { signal = new AbortController().signal, onReport } = options;
  const validations = new Validations(systemClock);
  const input = await validateRequest(method, requestJson(method, request), validations);
  const reports: ReceivedMetadata<M>[] = [];
  const { context, close } = createContext({
    method,
    operation: operationOf(method, options),
    signal,
    report: (payload) => {
      const report = method.codec.value(payload) as ReceivedMetadata<M>;
      reports.push(report);
      onReport?.(report);
    },
    validations,
  });
  const returned: unknown = await method.run(input, context);
  await close();
  const encoded = await encodedResponse(method, returned, validations);
  if ("thrown" in encoded) throw encoded.thrown;
  if ("issues" in encoded)
    throw new TypeError(`Response of "${method.name}": ${violationsText(encoded.issues)}`);
  return { response: method.codec.value(encoded.payload) as ReceivedResponse<R>, reports };
}

function operationOf(
  method: Method,
  { attempt = 1, lastReport, caller, parent = "" }: Omit<RunAttemptOptions, "onReport">,
) {
  return anOperation({
    method: method.name,
    parent,
    attempt,
    metadata: lastReport === undefined ? null : method.codec.metadata("lastReport", lastReport),
    caller: callerText(caller ?? ANONYMOUS),
  });
}
