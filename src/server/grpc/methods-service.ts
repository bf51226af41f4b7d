import type { Operations } from "../../engine/operations.ts";
import { startMany } from "../../engine/starting/start-many.ts";
import { StartOperationsRequestSchema } from "../../wire/gen/longrunning/v1/methods_pb.ts";
import type { OperationView } from "../../wire/operation.ts";
import { resultsProto } from "../../wire/proto/operation.ts";
import { startsOfMessages } from "../rpc/methods-rpc.ts";
import { shownResults } from "../shown-results.ts";
import { messageOf } from "./requests.ts";
import { METHODS_SERVICE, pathOf } from "./service-shapes.ts";
import type { AnswerContext, UnaryAnswer } from "./unary.ts";

/**
 * The call of `longrunning.v1.Methods` that does not return an operation.
 *
 * @see proto/longrunning/v1/methods.proto
 */
export function methodsService(
  operations: Pick<Operations, "start">,
  view: OperationView,
  context: AnswerContext,
): Readonly<Record<string, UnaryAnswer>> {
  const told = { method: "gRPC", path: pathOf(METHODS_SERVICE.typeName, "StartOperations") };
  return {
    StartOperations: (request, call) =>
      call.long(async () => {
        const { requests } = messageOf(StartOperationsRequestSchema, request);
        const results = await startMany(operations, call.caller, startsOfMessages(requests), () =>
          call.connection.nextTurn(),
        );
        await call.connection.nextTurn();
        return resultsProto(shownResults(results, context, told), view, context.types);
      }),
  };
}
