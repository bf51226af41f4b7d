import { toBinary } from "@bufbuild/protobuf";
import type { Operator } from "../../engine/admin/access.ts";
import { operationProto } from "../../wire/proto/operation.ts";
import { ADMIN_RPCS, type AdminService, callAdmin } from "../admin/calls.ts";
import { messageOf } from "./requests.ts";
import type { UnaryAnswer } from "./unary.ts";

/**
 * The calls of `longrunning.v1.Admin`, by name. Its callers are operators, determined by `admit`.
 *
 * @see proto/longrunning/v1/admin.proto
 */
export function adminService(service: AdminService): Readonly<Record<string, UnaryAnswer>> {
  const calls = ADMIN_RPCS.map((rpc): readonly [string, UnaryAnswer] => [
    rpc.name,
    (request, call) =>
      call.long(async () => {
        const message = messageOf(rpc.input, request);
        const answer = await callAdmin(rpc, message, call.caller as Operator, service);
        return "operation" in answer
          ? operationProto(answer.operation, service.view, service.types)
          : toBinary(rpc.output, answer.message);
      }),
  ]);
  return Object.fromEntries(calls);
}
