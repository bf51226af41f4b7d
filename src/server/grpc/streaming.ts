import type { handleServerStreamingCall, ServerWritableStream } from "@grpc/grpc-js";
import { serviceError, type StatusError } from "../../core/error/error.ts";
import { isDone, type Operation } from "../../core/operation/operation.ts";
import { notFoundError } from "../../engine/missing.ts";
import type { Watch } from "../../engine/watching/watcher.ts";
import type { OperationView } from "../../wire/operation.ts";
import { operationProto } from "../../wire/proto/operation.ts";
import { forCaller } from "../error-for-caller.ts";
import type { WatchSink, WatchStream } from "../watching/watch-stream.ts";
import { grpcStatus } from "./status.ts";
import { streamOf } from "./stream-guard.ts";
import { ToldCall } from "./told-call.ts";
import { type AnswerContext, asBuffer, beginCall, type UnaryCall } from "./unary.ts";

/** A call of bytes for a stream of them. */
type StreamingCall = ServerWritableStream<Buffer, Buffer>;

/** Begins the watch that a request asks for. */
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
  return (call) => {
    const told = ToldCall.begin(call, context);
    const refuse = (error: unknown): void => {
      const shown = forCaller(error, context, { method: "gRPC", path: call.getPath() });
      call.emit("error", grpcStatus(shown, context.domain, context.types));
      told?.end(shown.code, 0);
    };
    beginCall(call, context, {
      told,
      refuse,
      carryOut: (begun) => {
        const begin = () => answer(call.request, begun);
        const answered = told === undefined ? begin() : told.within(begin);
        answered.then(
          ({ stream, watch }) => stream.open(new MessageSink(call, view, context, told), watch),
          refuse,
        );
      },
    });
  };
}

/** The stream of a watch as messages. It ends with OK behind the end of what is watched, and with an error otherwise. */
class MessageSink implements WatchSink {
  readonly #call: StreamingCall;
  readonly #view: OperationView;
  readonly #context: AnswerContext;
  readonly #told: ToldCall | undefined;
  #isDone = false;
  #error: StatusError | undefined;
  #bytes = 0;

  constructor(call: StreamingCall, view: OperationView, context: AnswerContext, told: ToldCall | undefined) {
    this.#call = call;
    this.#view = view;
    this.#context = context;
    this.#told = told;
    call.on("cancelled", () => told?.end("CANCELLED", this.#bytes));
  }

  operation(operation: Operation, taken: () => void): void {
    this.#isDone = isDone(operation);
    const bytes = messageOf(operation, this.#view, this.#context);
    this.#bytes += bytes.length;
    this.#call.write(bytes, taken);
  }

  removed(name: string, taken: () => void): void {
    this.#error = notFoundError(name);
    taken();
  }

  /** The connection is kept alive by pings. */
  comment(taken: () => void): void {
    taken();
  }

  end(error?: StatusError): void {
    if (this.#call.cancelled) return;
    const shown = error ?? this.#error ?? (this.#isDone ? undefined : watchAgain());
    if (shown === undefined) this.#call.end();
    else this.#call.emit("error", grpcStatus(shown, this.#context.domain, this.#context.types));
    this.#told?.end(shown?.code ?? "OK", this.#bytes);
  }

  cut(): void {
    streamOf(this.#call)?.close(CANCEL);
  }
}

/** NGHTTP2_CANCEL. @see RFC 9113, section 7 */
const CANCEL = 8;

/** Messages that were made, for the next who watches the same operation. */
const made = new WeakMap<Operation, { readonly view: OperationView; readonly bytes: Buffer }>();

function messageOf(operation: Operation, view: OperationView, { types }: AnswerContext): Buffer {
  const known = made.get(operation);
  if (known?.view === view) return known.bytes;
  const bytes = asBuffer(operationProto(operation, view, types));
  made.set(operation, { view, bytes });
  return bytes;
}

function watchAgain(): StatusError {
  return serviceError("WATCH_ENDED", "The server ends this watch; watch again.");
}
