import { create, type DescMethodUnary, type Message, type MessageShape } from "@bufbuild/protobuf";
import { durationMs, type Empty, EmptySchema, type Timestamp, timestampMs } from "@bufbuild/protobuf/wkt";
import type { Operation } from "../../core/operation/operation.ts";
import type { Admin as AdminUseCases } from "../../engine/admin/admin.ts";
import type { Operator } from "../../engine/admin/access.ts";
import type { Operation as OperationMessage } from "../../wire/gen/google/longrunning/operations_pb.ts";
import { Admin } from "../../wire/gen/longrunning/v1/admin_pb.ts";
import type { OperationView } from "../../wire/operation.ts";
import type { Types } from "../../wire/proto/registry.ts";
import { jsonObjectOf } from "../json-object.ts";
import { messageOfPlain, type PlainMessage } from "./plain-message.ts";
import { payloadNameOf, plainRecord, plainRow } from "./record-message.ts";

/** The parts available to every call of the operators' service. */
export interface AdminService {
  readonly admin: AdminUseCases;
  readonly view: OperationView;
  readonly types: Types;
}

/** An operation, if the RPC returns one; otherwise a message of its output. */
export type AdminAnswer = { readonly operation: Operation } | { readonly message: Message };

type Rpcs = typeof Admin.method;
type Answered<M> = M extends OperationMessage ? Operation : M extends Empty ? void : PlainMessage<M>;
type Calls = {
  readonly [Name in keyof Rpcs]: (
    request: MessageShape<Rpcs[Name]["input"]>,
    operator: Operator,
    service: AdminService,
  ) => Promise<Answered<MessageShape<Rpcs[Name]["output"]>>>;
};

/**
 * Converts messages to use cases and back. An empty text in proto3 means that the field was left
 * out.
 */
const CALLS: Calls = {
  getSession: (_, operator, { admin }) => admin.session(operator),
  getSummary: ({ range }, operator, { admin }) => admin.summary(operator, range),
  listMethodStates: ({ range }, operator, { admin }) => admin.methods(operator, range),
  getMethodState: ({ method, range }, operator, { admin }) => admin.method(operator, method, range),
  pauseMethod: ({ method }, operator, { admin }) => admin.pause(operator, method),
  resumeMethod: ({ method }, operator, { admin }) => admin.resume(operator, method),
  listOperationRows: async (request, operator, { admin }) => {
    const { rows, ...page } = await admin.rows(operator, request);
    return { ...page, operations: rows.map(plainRow) };
  },
  countOperationRows: async ({ notAfter, ...request }, operator, { admin }) => {
    const count = await admin.count(operator, { ...request, notAfter: msOf(notAfter) });
    return { ...count, examples: count.examples.map(plainRow) };
  },
  getOperationRecord: async ({ name, payload: asked }, operator, { admin, view, types }) => {
    const payload = payloadNameOf(asked);
    return plainRecord(await admin.record(operator, name), { view, types, payload });
  },
  startOperation: ({ requestJson, requestId, delay, ...start }, operator, { admin }) =>
    admin.start(operator, {
      ...start,
      request: jsonObjectOf(requestJson),
      requestId: requestId === "" ? undefined : requestId,
      delayMs: delay === undefined ? undefined : durationMs(delay),
    }),
  cancelOperation: ({ name }, operator, { admin }) => admin.cancel(operator, name),
  deleteOperation: ({ name }, operator, { admin }) => admin.delete(operator, name),
  startBulk: ({ notAfter, ...request }, operator, { admin }) =>
    admin.bulk(operator, { ...request, notAfter: msOf(notAfter) }),
  listFailures: (request, operator, { admin }) => admin.failures(operator, request),
  listWorkers: (_, operator, { admin }) => admin.workers(operator),
  createApiKey: ({ expireTime, ...key }, operator, { admin }) =>
    admin.keys.create(operator, { ...key, expireTime: msOf(expireTime) }),
  listApiKeys: async (_, operator, { admin }) => ({ apiKeys: await admin.keys.list(operator) }),
  revokeApiKey: ({ id }, operator, { admin }) => admin.keys.revoke(operator, id),
  listWebhookStates: (_, operator, { admin }) => admin.webhooks.list(operator),
  getWebhookState: ({ name }, operator, { admin }) => admin.webhooks.get(operator, name),
  pingWebhook: ({ name }, operator, { admin }) => admin.webhooks.ping(operator, name),
  enableWebhook: ({ name }, operator, { admin }) => admin.webhooks.enable(operator, name),
  disableWebhook: ({ name }, operator, { admin }) => admin.webhooks.disable(operator, name),
  rotateSecret: ({ name }, operator, { admin }) => admin.webhooks.rotateSecret(operator, name),
  redeliver: ({ name }, operator, { admin }) => admin.webhooks.redeliver(operator, name),
};

function msOf(time: Timestamp | undefined): number | undefined {
  return time === undefined ? undefined : timestampMs(time);
}

/** The RPCs of the service, in the order of the proto. */
export const ADMIN_RPCS: readonly DescMethodUnary[] = Object.values(Admin.method);

/**
 * Carries out a call. @param request a message of the RPC's input type. @throws {StatusError} as
 * the use case does
 */
export async function callAdmin(
  rpc: DescMethodUnary,
  request: Message,
  operator: Operator,
  service: AdminService,
): Promise<AdminAnswer> {
  const call = CALLS[rpc.localName as keyof typeof CALLS] as (
    request: Message,
    operator: Operator,
    service: AdminService,
  ) => Promise<unknown>;
  const answer = await call(request, operator, service);
  if (rpc.output.typeName === EmptySchema.typeName) return { message: create(EmptySchema) };
  if (rpc.output.typeName === "google.longrunning.Operation") return { operation: answer as Operation };
  return { message: messageOfPlain(rpc.output, answer as never) };
}
