import type { handleServerStreamingCall } from "@grpc/grpc-js";
import type { Watch } from "../../engine/watching/watcher.ts";
import type { OperationView } from "../../wire/operation.ts";
import { forCaller } from "../error-for-caller.ts";
import { CollectionStream } from "../watching/collection-stream.ts";
import type { WatchStream } from "../watching/watch-stream.ts";
import { grpcStatus } from "./status.ts";
import { ToldCall } from "./told-call.ts";
import { type AnswerContext, beginCall, type UnaryCall } from "./unary.ts";
import { CollectionSink, OperationSink } from "./watch-sink.ts";

/** Starts the watch of a request. */
export type StreamAnswer = (
  request: Buffer,
  call: UnaryCall,
) => Promise<{ readonly stream: WatchStream; readonly watch: Watch }>;

/** A handler for grpc-js. The sister of `unary.ts`. */
export function streaming(
  answer: StreamAnswer,
  view: OperationView,
  context: AnswerContext,
): handleServerStreamingCall<Buffer, Buffer> {
  const { domain, types } = context;
  return (call) => {
    const told = ToldCall.begin(call, context);
    const refuse = (error: unknown): void => {
      const shown = forCaller(error, context, { method: "gRPC", path: call.getPath() });
      call.emit("error", grpcStatus(shown, domain, types));
      told?.end(shown.code, 0);
    };
    beginCall(call, context, {
      told,
      refuse,
      carryOut: (begun) => {
        const begin = () => answer(call.request, begun);
        const answered = told === undefined ? begin() : told.within(begin);
        const open = ({ stream, watch }: Awaited<ReturnType<StreamAnswer>>): void => {
          const Sink = stream instanceof CollectionStream ? CollectionSink : OperationSink;
          stream.open(new Sink({ call, view, domain, types, told }), watch);
        };
        answered.then(open, refuse);
      },
    });
  };
}
