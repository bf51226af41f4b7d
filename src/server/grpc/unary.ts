import type { handleUnaryCall, ServerUnaryCall } from "@grpc/grpc-js";
import type { Log } from "../../core/log.ts";
import type { Random } from "../../core/random.ts";
import type { Signal } from "../../core/signal.ts";
import type { Types } from "../../wire/proto/registry.ts";
import { forCaller } from "../caller-error.ts";
import { grpcStatus } from "./status.ts";

/** What answering takes, whatever is asked. */
export interface AnswerContext {
  /** The `domain` of errors. */
  readonly domain: string;
  /** What an `Any` may hold. */
  readonly types: Types;
  readonly random: Random;
  readonly log: Log;
}

/** A call of bytes for bytes. */
export type BytesCall = ServerUnaryCall<Buffer, Buffer>;

/** From the bytes of a request to those of the answer, at once where they are at hand. */
export type UnaryAnswer = (request: Buffer, call: BytesCall) => Uint8Array | Promise<Uint8Array>;

/** A handler for grpc-js. Whatever `answer` throws, the caller is told as little as it may know, and nothing goes further. */
export function unary(answer: UnaryAnswer, context: AnswerContext): handleUnaryCall<Buffer, Buffer> {
  return (call, callback) => {
    const send = (bytes: Uint8Array): void => callback(null, asBuffer(bytes));
    const refuse = (error: unknown): void => {
      const shown = forCaller(error, context, { method: "gRPC", path: call.getPath() });
      callback(grpcStatus(shown, context.domain, context.types));
    };
    try {
      const answered = answer(call.request, call);
      if (answered instanceof Uint8Array) send(answered);
      else answered.then(send, refuse);
    } catch (error) {
      refuse(error);
    }
  };
}

/** The same bytes: grpc-js copies with a method that only a Buffer has. */
function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** That a caller has hung up, or that its deadline has passed. Costs a waiter less than an AbortController. */
export class CallSignal implements Signal {
  readonly #call: BytesCall;

  constructor(call: BytesCall) {
    this.#call = call;
  }

  get aborted(): boolean {
    return this.#call.cancelled;
  }

  addEventListener(_type: "abort", listener: () => void): void {
    this.#call.on("cancelled", listener);
  }

  removeEventListener(_type: "abort", listener: () => void): void {
    this.#call.off("cancelled", listener);
  }
}
