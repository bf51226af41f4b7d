import { type DescMessage, type JsonValue, type MessageShape, toBinary } from "@bufbuild/protobuf";
import { systemClock } from "../../core/ports/clock.ts";
import type { Method } from "../../core/method/method.ts";
import type { ClaimedAttempt } from "../../engine/workers/worker-calls.ts";
import { requestFromKept } from "../../protos/method/kept-request.ts";
import * as messages from "../../wire/gen/longrunning/v1/workers_pb.ts";
import type { Types } from "../../wire/proto/registry.ts";
import {
  claimProto,
  claimsProto,
  outcomesProto,
  renewalsProto,
  type RequestMessage,
} from "../../wire/proto/worker.ts";
import type { Rpc } from "../rpc/rpc.ts";
import { readEntries } from "../workers/entries.ts";
import {
  attemptOf,
  claimOfMessage,
  completionOfMessage,
  failureOfMessage,
  msOf,
  renewalOfMessage,
} from "../workers/worker-messages.ts";
import {
  claimed,
  ended,
  renewed,
  type WorkerCallContext,
  type WorkerUseCases,
} from "../workers/worker-service.ts";
import { messageOf, waitMs } from "./requests.ts";
import { pathOf, WORKERS_SERVICE } from "./service-shapes.ts";
import type { AnswerContext, UnaryAnswer, UnaryCall } from "./unary.ts";

/** The parts of the service. */
export interface WorkersServiceParts {
  readonly workers: WorkerUseCases;
  /** The declared methods by name. */
  readonly methods: ReadonlyMap<string, Method>;
  readonly context: AnswerContext;
}

/**
 * The calls of `longrunning.v1.Workers`, by name.
 *
 * @see proto/longrunning/v1/workers.proto
 */
export function workersService(parts: WorkersServiceParts): Readonly<Record<string, UnaryAnswer>> {
  const { types } = parts.context;
  return {
    ClaimOperations: (request, call) => claims(request, call, parts),
    RenewAttempts: large(messages.RenewAttemptsRequestSchema, async ({ lease, renewals }, call) => {
      const entries = await readEntries(renewals, {
        field: "renewals",
        read: (each, place) => renewalOfMessage(each as messages.Renewal, place, types),
        textOf: ({ metadata }) => metadata?.json.length ?? 0,
        nextTurn: turnsOf(call),
      });
      const leaseMs = msOf(lease, "lease");
      return renewalsProto(await renewed(contextOf(parts, call, "RenewAttempts"), leaseMs, entries), types);
    }),
    ...outcomes(parts),
  };
}

function outcomes(parts: WorkersServiceParts): Readonly<Record<string, UnaryAnswer>> {
  const { workers, context } = parts;
  const { types } = context;
  return {
    CompleteAttempts: large(messages.CompleteAttemptsRequestSchema, async ({ completions }, call) => {
      const entries = await readEntries(completions, {
        field: "completions",
        read: (each, place) => completionOfMessage(each as messages.Completion, place, types),
        textOf: ({ response }) => response?.json.length ?? 0,
        nextTurn: turnsOf(call),
      });
      const told = contextOf(parts, call, "CompleteAttempts");
      return outcomesProto(await ended(told, entries, (each) => workers.complete(call.caller, each)), types);
    }),
    FailAttempts: large(messages.FailAttemptsRequestSchema, async ({ failures }, call) => {
      const entries = await readEntries(failures, {
        field: "failures",
        read: (each, place) => failureOfMessage(each as messages.AttemptFailure, place, types),
        textOf: ({ exception }) => exception.length,
        nextTurn: turnsOf(call),
      });
      const told = contextOf(parts, call, "FailAttempts");
      return outcomesProto(await ended(told, entries, (each) => workers.fail(call.caller, each)), types);
    }),
    ReleaseAttempts: large(messages.ReleaseAttemptsRequestSchema, async ({ attempts, delay }, call) => {
      const delayMs = msOf(delay, "delay");
      const entries = await readEntries(attempts, {
        field: "attempts",
        read: (each, place) => attemptOf(each as messages.ClaimedAttempt, place),
        textOf: () => 0,
        nextTurn: turnsOf(call),
      });
      const release = (given: readonly ClaimedAttempt[]) =>
        workers.release(call.caller, { attempts: given, delayMs });
      const told = contextOf(parts, call, "ReleaseAttempts");
      return outcomesProto(await ended(told, entries, release), types);
    }),
  };
}

function contextOf(
  { workers, context }: WorkersServiceParts,
  { caller }: UnaryCall,
  method: string,
): WorkerCallContext {
  const facts = { method: "gRPC", path: pathOf(WORKERS_SERVICE.typeName, method) };
  return { workers, caller, errors: context, facts };
}

function turnsOf(call: UnaryCall): () => Promise<void> {
  return () => call.connection.nextTurn();
}

/** A request of this size takes some milliseconds to decode. */
const LARGE_BYTES = 65_536;

/** A call with many entries, which waits for its turn if it is large. */
function large<Desc extends DescMessage>(
  desc: Desc,
  answer: (message: MessageShape<Desc>, call: UnaryCall) => Promise<Uint8Array>,
): UnaryAnswer {
  return (request, call) => {
    const carryOut = (): Promise<Uint8Array> => answer(messageOf(desc, request), call);
    return request.length > LARGE_BYTES ? call.long(carryOut) : carryOut();
  };
}

async function claims(request: Buffer, call: UnaryCall, parts: WorkersServiceParts): Promise<Uint8Array> {
  const { methods, context } = parts;
  const { types } = context;
  const message = messageOf(messages.ClaimOperationsRequestSchema, request);
  // grpc-js computes deadlines from the machine's clock, whatever clock we use.
  const left = call.deadline - systemClock.now();
  const timeoutMs = message.timeout === undefined ? 0 : waitMs(message.timeout, left);
  const found = await claimed(
    contextOf(parts, call, "ClaimOperations"),
    { ...claimOfMessage(message), timeoutMs },
    { waiting: call },
    {
      write: (each) => claimProto(each, types, requestMessageOf(methods.get(each.operation.method), types)),
      nextTurn: turnsOf(call),
    },
  );
  return claimsProto(found.claims, found.time);
}

/** Undefined for a method declared in code. */
function requestMessageOf(method: Method | undefined, types: Types): RequestMessage | undefined {
  const input = (method?.rpc as Rpc["desc"] | undefined)?.input;
  if (input === undefined) return undefined;
  return {
    type: input.typeName,
    bytes: (json) => toBinary(input, requestFromKept(input, JSON.parse(json) as JsonValue, types)),
  };
}
