import { create, type DescMethodUnary, type Message } from "@bufbuild/protobuf";
import type { AnsweredMethod } from "../../core/method/answered-method.ts";
import type { Method } from "../../core/method/method.ts";
import { PERMISSIONS } from "../../core/permission.ts";
import type { Operations } from "../../engine/operations.ts";
import { requestJson } from "../../engine/starting/request.ts";
import type { Rpc } from "./rpc.ts";

/** The RPC of a method declared by a descriptor, which starts an operation. */
export function startingRpc(method: Method, operations: Operations): Rpc {
  return {
    desc: method.rpc as DescMethodUnary,
    permission: PERMISSIONS.start,
    startName: method.name,
    call: async (request, { caller }) => ({
      operation: await operations.start(caller, {
        method: method.name,
        request: requestJson(method, request),
      }),
    }),
  };
}

/** The RPC of a method that answers immediately. */
export function answeringRpc(method: AnsweredMethod, operations: Pick<Operations, "answer">): Rpc {
  const desc = method.rpc as DescMethodUnary;
  return {
    desc,
    permission: PERMISSIONS.answer,
    call: async (request, { caller, signal, nextTurn }) => {
      const answer = await operations.answer(caller, method, request, { signal, nextTurn });
      return { message: create(desc.output, answer as Message) };
    },
  };
}
