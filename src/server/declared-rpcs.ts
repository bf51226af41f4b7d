import { create, type DescMethodUnary, type Message } from "@bufbuild/protobuf";
import type { AnsweredMethod } from "../core/method/answered-method.ts";
import { violationsText } from "../core/error/violations.ts";
import type { Method } from "../core/method/method.ts";
import type { Operations } from "../engine/operations.ts";
import { requestJson } from "../engine/request.ts";
import type { Rpc } from "./rpc.ts";

/** The RPC of a method that a descriptor declared: it starts an operation. */
export function startingRpc(method: Method, operations: Operations): Rpc {
  return {
    desc: method.rpc as DescMethodUnary,
    call: async (request) => ({
      operation: await operations.start({
        method: method.name,
        request: requestJson(method, request),
      }),
    }),
  };
}

/** The RPC of a method that is answered at once. */
export function answeringRpc(method: AnsweredMethod, operations: Pick<Operations, "validate">): Rpc {
  const desc = method.rpc as DescMethodUnary;
  return {
    desc,
    call: async (request, { signal, nextTurn }) => {
      const answer = await method.answer(await operations.validate(method, request), { signal });
      await nextTurn?.();
      const result = await method.response["~standard"].validate(answer);
      if (result.issues === undefined) return { message: create(desc.output, result.value as Message) };
      throw new TypeError(`Response of "${method.name}": ${violationsText(result.issues)}`);
    },
  };
}
