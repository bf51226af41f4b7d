import type { Operations } from "../../engine/operations.ts";
import { WatchOperationsRequestSchema } from "../../wire/gen/longrunning/v1/watches_pb.ts";
import { CollectionStream } from "../watching/collection-stream.ts";
import { OperationStream } from "../watching/watch-stream.ts";
import type { WatchStreams } from "../watching/watch-streams.ts";
import { nameOf, smallMessageOf } from "./requests.ts";
import type { StreamAnswer } from "./streaming.ts";

/**
 * The calls of `longrunning.v1.Watches`, by name.
 *
 * @see proto/longrunning/v1/watches.proto
 */
export function watchesService(
  operations: Pick<Operations, "watchOperation" | "watchOperations">,
  streams: WatchStreams,
): Readonly<Record<string, StreamAnswer>> {
  return {
    WatchOperation: async (request, call) => {
      const stream = new OperationStream({ streams, waiting: call });
      const { watch } = await operations.watchOperation(call.caller, nameOf(request), stream, call);
      return { stream, watch };
    },
    WatchOperations: async (request, call) => {
      const asked = smallMessageOf(WatchOperationsRequestSchema, request);
      const stream = new CollectionStream({ streams, waiting: call });
      const begin = () => operations.watchOperations(call.caller, asked, stream, call);
      const { watch, next } = await call.long(begin);
      stream.begin(() => call.page(next));
      return { stream, watch };
    },
  };
}
