import type { IncomingHttpHeaders } from "node:http";
import type { DescFile } from "@bufbuild/protobuf";
import { toBinary } from "@bufbuild/protobuf";
import type { handleServerStreamingCall, handleUnaryCall } from "@grpc/grpc-js";
import type { Clock } from "../../core/ports/clock.ts";
import type { Tell } from "../../core/events.ts";
import type { Tracing } from "../../core/ports/tracing.ts";
import type { Random } from "../../core/ports/random.ts";
import type { Permission } from "../../core/permission.ts";
import type { Operations } from "../../engine/operations.ts";
import { file_google_longrunning_operations } from "../../wire/gen/google/longrunning/operations_pb.ts";
import { typesOfFiles, withImports } from "../../protos/method/imported-types.ts";
import type { OperationView } from "../../wire/operation.ts";
import { operationProto } from "../../wire/proto/operation.ts";
import type { Admin } from "../../engine/admin/admin.ts";
import { file_longrunning_v1_admin } from "../../wire/gen/longrunning/v1/admin_pb.ts";
import type { AdmitOperator } from "../admin/access.ts";
import type { Authenticate } from "../../core/ports/authenticate.ts";
import { rpcName } from "../../protos/method/operation-info.ts";
import { methodsRpc } from "../rpc/methods-rpc.ts";
import type { Rpc } from "../rpc/rpc.ts";
import type { Shares } from "../sharing/shares.ts";
import { operationView } from "../view.ts";
import { operationsService } from "./operations-service.ts";
import { admitting, gateOf, neededBy } from "./admission.ts";
import { adminService } from "./admin-service.ts";
import { methodsService } from "./methods-service.ts";
import { forCaller } from "../error-for-caller.ts";
import type { DiscoveryStream } from "./reflection.ts";
import { messageOf } from "./requests.ts";
import { grpcStatus } from "./status.ts";
import {
  ADMIN_SERVICE,
  METHODS_SERVICE,
  OPERATIONS_SERVICE,
  pathOf,
  WATCHES_SERVICE,
  WORKERS_SERVICE,
} from "./service-shapes.ts";
import { streaming } from "./streaming.ts";
import { watchesService } from "./watches-service.ts";
import { WatchStreams } from "../watching/watch-streams.ts";
import { file_longrunning_v1_workers } from "../../wire/gen/longrunning/v1/workers_pb.ts";
import type { WorkerUseCases } from "../workers/worker-service.ts";
import { workersService } from "./workers-service.ts";
import { file_longrunning_v1_watches } from "../../wire/gen/longrunning/v1/watches_pb.ts";
import { type AnswerContext, unary, type UnaryAnswer } from "./unary.ts";

/** The options of the gRPC interface. */
export interface GrpcOptions {
  /** The service's name, which is the `domain` of its errors. */
  readonly name: string;
  /** The RPCs of users' services. @default none */
  readonly rpcs?: readonly Rpc[];
  /** The use cases of workers without the store. */
  readonly workers: WorkerUseCases;
  /** The operators' service, and its admission. @default none */
  readonly operators?: OperatorsOfGrpc | undefined;
  /** The shares of all connections. */
  readonly shares: Shares;
  readonly authenticate: Authenticate;
  readonly clock: Clock;
  /** Makes the ids that connect an INTERNAL error with its line in the log. */
  readonly random: Random;
  readonly tell: Tell;
  /** @default no tracing */
  readonly tracing?: Tracing | undefined;
}

/** The parts of the operators' service. */
export interface OperatorsOfGrpc {
  readonly admin: Admin;
  readonly admit: AdmitOperator;
}

/** A handler of grpc-js for a unary method or a method with a stream of answers. */
export type Handler = handleUnaryCall<Buffer, Buffer> | handleServerStreamingCall<Buffer, Buffer>;

/** All served methods, ready for calls. */
export interface GrpcHandlers {
  /** By path, such as `/google.longrunning.Operations/GetOperation`. */
  readonly handlers: ReadonlyMap<string, Handler>;
  /** The files that define the services, with all files that they import. */
  readonly files: ReadonlySet<DescFile>;
  /** Rejects with the status for a caller that may not discover the services. */
  readonly admitDiscovery: (stream: DiscoveryStream) => Promise<void>;
}

/** Makes the handlers of our services and of users'. */
export function grpcHandlers(operations: Operations, options: GrpcOptions): GrpcHandlers {
  const { name, rpcs = [], shares, authenticate, clock, random, tell, tracing } = options;
  const all = [methodsRpc(operations), ...rpcs];
  const own = [file_google_longrunning_operations, file_longrunning_v1_watches, file_longrunning_v1_workers];
  const served = new Set([...own, ...all.map(({ desc }) => desc.parent.file)]);
  const { operators } = options;
  if (operators !== undefined) served.add(file_longrunning_v1_admin);
  const types = typesOfFiles(served);
  const context: AnswerContext = { domain: name, types, shares, authenticate, clock, random, tell, tracing };
  const view = operationView(operations);
  const handlers = new Map<string, Handler>();
  const gated = gatedBy(operations, context);
  const { methods } = operations;
  for (const [{ typeName }, calls] of [
    [OPERATIONS_SERVICE, operationsService({ operations, view, types, clock })],
    [METHODS_SERVICE, methodsService(operations, view, context)],
    [WORKERS_SERVICE, workersService({ workers: options.workers, methods, context })],
  ] as const)
    for (const [method, answer] of Object.entries(calls))
      handlers.set(pathOf(typeName, method), unary(answer, gated(neededBy(method))));
  const streams = new WatchStreams(clock, random);
  for (const [method, answer] of Object.entries(watchesService(operations, streams))) {
    handlers.set(pathOf(WATCHES_SERVICE.typeName, method), streaming(answer, view, gated(neededBy(method))));
  }
  for (const rpc of all) {
    const { parent, name: method } = rpc.desc;
    const within = gated(rpc.permission, rpcName(rpc.desc));
    handlers.set(pathOf(parent.typeName, method), unary(answerOf(rpc, view, within), within));
  }
  if (operators !== undefined) {
    const { admin, admit } = operators;
    const within = { ...context, authenticate: admitting(admit, (operator) => admin.admit(operator)) };
    for (const [method, answer] of Object.entries(adminService({ admin, view, types }))) {
      handlers.set(pathOf(ADMIN_SERVICE.typeName, method), unary(answer, within));
    }
  }
  const files = new Set([...served].flatMap((file) => [...withImports(file)]));
  const admitDiscovery = async (stream: DiscoveryStream): Promise<void> => {
    try {
      const headers = stream.metadata.getMap() as IncomingHttpHeaders;
      const caller = await authenticate({ headers, socket: undefined });
      await operations.discover(caller, async () => undefined);
    } catch (error) {
      const shown = forCaller(error, context, { method: "gRPC", path: stream.getPath() });
      throw grpcStatus(shown, name, types);
    }
  };
  return { handlers, files, admitDiscovery };
}

/** The parts of a handler whose callers need a permission. */
function gatedBy(
  operations: Operations,
  context: AnswerContext,
): (permission: Permission, method?: string) => AnswerContext {
  return (permission, method) => {
    const call = method === undefined ? { permission } : { permission, method };
    return { ...context, authenticate: admitting(context.authenticate, gateOf(operations, call)) };
  };
}

/** Decodes the request, calls the RPC, and encodes the answer. */
function answerOf(rpc: Rpc, view: OperationView, { types }: AnswerContext): UnaryAnswer {
  const { input, output } = rpc.desc;
  return async (request, call) => {
    const { caller } = call;
    const answer = await rpc.call(messageOf(input, request), { caller, signal: call });
    return "operation" in answer
      ? operationProto(answer.operation, view, types)
      : toBinary(output, answer.message);
  };
}
