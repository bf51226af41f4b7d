import type { Operations } from "../../engine/operations.ts";
import { OperationStream } from "../watching/watch-stream.ts";
import type { WatchStreams } from "../watching/watch-streams.ts";
import { nameOf } from "./requests.ts";
import type { StreamAnswer } from "./streaming.ts";

/**
 * The calls of `longrunning.v1.Watches`, by name.
 *
 * @see proto/longrunning/v1/watches.proto
 */
export function watchesService(
  operations: Pick<Operations, "watchOperation">,
  streams: WatchStreams,
): Readonly<Record<string, StreamAnswer>> {
  return {
    WatchOperation: async (request, call) => {
      const stream = new OperationStream({ streams, waiting: call });
      const { watch } = await operations.watchOperation(call.caller, nameOf(request), stream, call);
      return { stream, watch };
    },
  };
}
