import type { Caller } from "../../core/caller.ts";
import { systemClock } from "../../core/ports/clock.ts";
import { LIMITS } from "../../core/limits.ts";
import type { ListPage, ListRequest } from "../../engine/listing/list.ts";
import type { Operations } from "../../engine/operations.ts";
import {
  ListOperationsRequestSchema,
  WaitOperationRequestSchema,
} from "../../wire/gen/google/longrunning/operations_pb.ts";
import type { OperationView } from "../../wire/operation.ts";
import { EMPTY_PROTO, listProto, operationProto } from "../../wire/proto/operation.ts";
import type { Types } from "../../wire/proto/registry.ts";
import { CachedGets } from "./cached-get.ts";
import { nameOf, smallMessageOf, waitMs } from "./requests.ts";
import type { UnaryAnswer, UnaryCall } from "./unary.ts";
import type { Clock } from "../../core/ports/clock.ts";

/** The parts of the service. */
export interface OperationsServiceParts {
  readonly operations: Operations;
  readonly view: OperationView;
  readonly types: Types;
  readonly clock: Clock;
}

/**
 * The calls of `google.longrunning.Operations`, by name.
 *
 * @see contract sections 1.1 to 1.3, 1.7, 7
 */
export function operationsService(parts: OperationsServiceParts): Readonly<Record<string, UnaryAnswer>> {
  const { operations, view, types, clock } = parts;
  const cachedGets = new CachedGets(operations, clock);
  const render = async (caller: Caller, name: string): Promise<Uint8Array> =>
    operationProto(await operations.get(caller, name), view, types);
  return {
    GetOperation: (request, { caller }) => cachedGets.get(caller, nameOf(request), render),
    ListOperations: (request, call) => call.page(() => listPage(request, call, parts)),
    DeleteOperation: (request, { caller }) => operations.delete(caller, nameOf(request)).then(empty),
    CancelOperation: (request, { caller }) => operations.cancel(caller, nameOf(request)).then(empty),
    WaitOperation: (request, call) => {
      const { name, timeout } = smallMessageOf(WaitOperationRequestSchema, request);
      const timeoutMs = waitMs(timeout, leftMs(call.deadline));
      const waited = operations.wait(call.caller, name, { timeoutMs, waiting: call });
      // Not awaited, so that a waiting call holds as little memory as possible.
      return waited.then((operation) => operationProto(operation, view, types));
    },
  };
}

const empty = (): Uint8Array => EMPTY_PROTO;

/** grpc-js computes deadlines from the machine's clock, whatever clock we use. */
function leftMs(deadline: number): number {
  return deadline - systemClock.now();
}

/**
 * A page that clients can receive: by default they accept 4 MiB, and a Struct may be several times
 * larger than the JSON by which pages are measured. If a page is too large, it is read again with
 * half as many operations.
 */
async function listPage(
  request: Buffer,
  { caller, connection }: UnaryCall,
  { operations, view, types }: OperationsServiceParts,
): Promise<Uint8Array> {
  const { name, filter, pageSize, pageToken, returnPartialSuccess } = smallMessageOf(
    ListOperationsRequestSchema,
    request,
  );
  const asked: ListRequest = { parent: name, filter, pageSize, pageToken, returnPartialSuccess };
  let page: ListPage = await operations.list(caller, asked);
  for (;;) {
    await connection.nextTurn();
    const bytes = listProto(page.operations, page.nextPageToken, view, types);
    const count = page.operations.length;
    if (bytes.length <= LIMITS.grpcReceiveBytesMax || count <= 1) return bytes;
    page = await operations.list(caller, { ...asked, pageSize: Math.ceil(count / 2) });
  }
}
