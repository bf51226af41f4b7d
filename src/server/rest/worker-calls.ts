import type { IncomingHttpHeaders } from "node:http";
import type { Caller } from "../../core/caller.ts";
import { StatusError } from "../../core/error/error.ts";
import { LIMITS } from "../../core/limits.ts";
import type { Failure } from "../../core/operation/operation.ts";
import type { ClaimedAttempt, OutcomeAnswer } from "../../engine/workers/worker-calls.ts";
import type { Operations } from "../../engine/operations.ts";
import type { OperationView } from "../../wire/operation.ts";
import { answersJson, claimJson, claimsJson, outcomeJson, renewalJson } from "../../wire/worker.ts";
import type { ErrorContext } from "../shown-results.ts";
import { readEntries } from "../workers/entries.ts";
import {
  attemptOfJson,
  bodyFields,
  claimOfBody,
  completionOfJson,
  type EntryPlace,
  failureOfJson,
  releaseAt,
  renewalAt,
  renewalOfJson,
} from "../workers/worker-bodies.ts";
import {
  claimed,
  ended,
  renewed,
  type WorkerCallContext,
  type WorkerUseCases,
} from "../workers/worker-service.ts";
import type { Answer } from "./reply.ts";
import type { RequestBody } from "./request-body.ts";
import type { RestRequest } from "./request.ts";
import type { AttemptVerb, Route } from "./router.ts";

/** The routes for workers without the store. */
export type WorkerRoute = Extract<Route, { call: "claim" | AttemptVerb }>;

/** The parts available to their calls. */
export interface WorkerCallParts {
  readonly operations: Pick<Operations, "methods">;
  readonly workers: WorkerUseCases;
  readonly caller: Caller;
  readonly view: OperationView;
  readonly errors: ErrorContext;
  readonly request: RestRequest;
  readonly body: RequestBody;
  /** The longest time for a waiting claim, whatever its timeout. Undefined for no such limit. */
  readonly waitMsMax: number | undefined;
}

/**
 * Answers a call of a worker.
 *
 * @throws {StatusError} errors of the whole call; at the address of one operation, the error of its
 * entry
 * @see proto/longrunning/v1/workers.proto
 */
export function workerAnswer(route: WorkerRoute, parts: WorkerCallParts): Promise<Answer> {
  const { request } = parts;
  // A claim is small, and may wait long.
  if (route.call === "claim") return claimAnswer(route.parent, parts);
  const { call, name } = route;
  const answer = (): Promise<Answer> =>
    name === undefined ? answerMany(call, parts) : answerOne(call, name, parts);
  return isLarge(request.headers) ? request.long(answer) : answer();
}

/** A body of this size takes some milliseconds to parse. */
const LARGE_BYTES = 65_536;

/** Whether the body is or may be large. */
function isLarge({ "content-length": length }: IncomingHttpHeaders): boolean {
  return length === undefined || Number(length) > LARGE_BYTES;
}

async function claimAnswer(parent: string, parts: WorkerCallParts): Promise<Answer> {
  const { operations, request, body, waitMsMax } = parts;
  const claim = claimOfBody(await body.readObject(), parent);
  const { timeoutMs: asked = 0 } = claim;
  const timeoutMs = waitMsMax === undefined ? asked : Math.min(asked, waitMsMax);
  const { claims, time } = await claimed(
    contextOf(parts),
    { ...claim, timeoutMs },
    { waiting: request.waiting() },
    {
      write: (each) => claimJson(each, requestTypeOf(operations, each.operation.method)),
      nextTurn: () => request.nextTurn(),
    },
  );
  return shown(claimsJson(claims, time));
}

/** The request message of a method declared by a proto; undefined for a method declared in code. */
function requestTypeOf({ methods }: Pick<Operations, "methods">, method: string): string | undefined {
  const rpc = methods.get(method)?.rpc as { readonly input: { readonly typeName: string } } | undefined;
  return rpc?.input.typeName;
}

function contextOf({ workers, caller, errors, request }: WorkerCallParts): WorkerCallContext {
  const facts = { method: "POST", path: request.target.replace(/\?.*/s, "") };
  return { workers, caller, errors, facts };
}

async function answerMany(verb: AttemptVerb, parts: WorkerCallParts): Promise<Answer> {
  const { workers, caller, request, view } = parts;
  const body = await parts.body.readObject(LIMITS.remoteMessageBytesMax);
  const context = contextOf(parts);
  const nextTurn = (): Promise<void> => request.nextTurn();
  if (isLarge(request.headers)) await nextTurn();
  if (verb === "renew") {
    const fields = bodyFields(body, ["lease", "renewals"]);
    const entries = await readEntries(fields.list("renewals") ?? [], {
      field: "renewals",
      read: renewalOfJson,
      textOf: ({ metadata }) => metadata?.json.length ?? 0,
      nextTurn,
    });
    const answers = await renewed(context, fields.durationMs("lease"), entries);
    return shown(answersJson(answers.map((each) => renewalJson(each, view.knowsDetail))));
  }
  const outcomes = OUTCOMES[verb];
  return outcomesAnswer(await outcomes(body, { context, workers, caller, nextTurn }), view);
}

/** The parts of a call with many outcomes. */
interface Outcomes extends Pick<WorkerCallParts, "workers" | "caller"> {
  readonly context: WorkerCallContext;
  readonly nextTurn: () => Promise<void>;
}

const OUTCOMES: Readonly<
  Record<
    Exclude<AttemptVerb, "renew">,
    (body: Parameters<typeof bodyFields>[0], how: Outcomes) => Promise<readonly OutcomeAnswer[]>
  >
> = {
  complete: async (body, { context, workers, caller, nextTurn }) => {
    const entries = await readEntries(bodyFields(body, ["completions"]).list("completions") ?? [], {
      field: "completions",
      read: (value, place) => completionOfJson(value, { place }),
      textOf: ({ response }) => response?.json.length ?? 0,
      nextTurn,
    });
    return ended(context, entries, (each) => workers.complete(caller, each));
  },
  fail: async (body, { context, workers, caller, nextTurn }) => {
    const entries = await readEntries(bodyFields(body, ["failures"]).list("failures") ?? [], {
      field: "failures",
      read: (value, place) => failureOfJson(value, { place }),
      textOf: ({ exception }) => exception.length,
      nextTurn,
    });
    return ended(context, entries, (each) => workers.fail(caller, each));
  },
  release: async (body, { context, workers, caller, nextTurn }) => {
    const fields = bodyFields(body, ["attempts", "delay"]);
    const delayMs = fields.durationMs("delay");
    const entries = await readEntries(fields.list("attempts") ?? [], {
      field: "attempts",
      read: attemptOfJson,
      textOf: () => 0,
      nextTurn,
    });
    return ended(context, entries, (attempts: readonly ClaimedAttempt[]) =>
      workers.release(caller, { attempts, delayMs }),
    );
  },
};

function outcomesAnswer(answers: readonly OutcomeAnswer[], { knowsDetail }: OperationView): Answer {
  return shown(answersJson(answers.map((each) => outcomeJson(each, knowsDetail))));
}

/**
 * A large answer is on one line: a program reads it, and indentation would exceed the size limit.
 */
function shown(json: string): Answer {
  return json.length > LARGE_BYTES ? { json, indented: json } : { json };
}

/** At the address of one operation, the error of the entry is the error of the call. */
async function answerOne(verb: AttemptVerb, name: string, parts: WorkerCallParts): Promise<Answer> {
  const { workers, caller, view } = parts;
  const body = await parts.body.readObject(LIMITS.remoteMessageBytesMax);
  if (verb === "renew") {
    const { renewal, leaseMs } = renewalAt(body, name);
    const [answer] = await renewed(contextOf(parts), leaseMs, [renewal]);
    if (answer === undefined || (!answer.held && answer.error !== undefined)) throw errorOf(answer?.error);
    return { json: renewalJson(answer, view.knowsDetail) };
  }
  const at: EntryPlace = { name };
  const [answer] =
    verb === "complete"
      ? await workers.complete(caller, [completionOfJson(body, at)])
      : verb === "fail"
        ? await workers.fail(caller, [failureOfJson(body, at)])
        : await released(workers, caller, releaseAt(body, name));
  if (answer === undefined || answer.error !== undefined) throw errorOf(answer?.error);
  return { json: outcomeJson(answer, view.knowsDetail) };
}

function released(
  workers: WorkerUseCases,
  caller: Caller,
  { attempt, delayMs }: ReturnType<typeof releaseAt>,
): Promise<readonly OutcomeAnswer[]> {
  return workers.release(caller, { attempts: [attempt], delayMs });
}

const ERROR_INFO = "type.googleapis.com/google.rpc.ErrorInfo";

/** Converts the error of an entry to the error of the call. */
function errorOf(failure: Failure | undefined): Error {
  if (failure === undefined) return new Error("There was no answer to an entry");
  const { code, message, details } = failure;
  const info = details.find((each) => each["@type"] === ERROR_INFO);
  const { reason, metadata } = (info ?? {}) as {
    readonly reason?: string;
    readonly metadata?: Readonly<Record<string, string>>;
  };
  return new StatusError(code, message, {
    ...(reason === undefined ? {} : { reason }),
    ...(metadata === undefined ? {} : { metadata }),
    details,
  });
}
