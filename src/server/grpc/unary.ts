import type { handleUnaryCall, ServerUnaryCall } from "@grpc/grpc-js";
import type { Tell } from "../../core/events.ts";
import type { Random } from "../../core/ports/random.ts";
import type { Caller } from "../../core/ports/abort.ts";
import type { Types } from "../../wire/proto/registry.ts";
import { forCaller } from "../error-for-caller.ts";
import type { Answering, Share } from "../share.ts";
import type { Shares } from "../shares.ts";
import { grpcStatus } from "./status.ts";
import { streamOf } from "./stream-guard.ts";

/** What answering takes, whatever is asked. */
export interface AnswerContext {
  /** The `domain` of errors. */
  readonly domain: string;
  /** What an `Any` may hold. */
  readonly types: Types;
  /** What each connection may take. */
  readonly shares: Shares;
  readonly random: Random;
  readonly tell: Tell;
}

/** A call of bytes for bytes. */
export type BytesCall = ServerUnaryCall<Buffer, Buffer>;

/** From the bytes of a request to those of the answer, at once where they are at hand. */
export type UnaryAnswer = (request: Buffer, caller: StreamCaller) => Uint8Array | Promise<Uint8Array>;

/** A handler for grpc-js. Whatever `answer` throws, the caller is told as little as it may know, and nothing goes further. */
export function unary(answer: UnaryAnswer, context: AnswerContext): handleUnaryCall<Buffer, Buffer> {
  return (call, callback) => {
    const send = (bytes: Uint8Array): void => callback(null, asBuffer(bytes));
    const refuse = (error: unknown): void => {
      const shown = forCaller(error, context, { method: "gRPC", path: call.getPath() });
      callback(grpcStatus(shown, context.domain, context.types));
    };
    const begin = (caller: StreamCaller): void => {
      try {
        const answered = answer(call.request, caller);
        if (answered instanceof Uint8Array) send(answered);
        else answered.then(send, refuse);
      } catch (error) {
        refuse(error);
      }
    };
    const stream = streamOf(call);
    // Gone meanwhile, and nobody is left to be answered.
    if (stream?.closed === true) return;
    const answering: Answering = stream ?? {
      writableLength: 0,
      on: (_event, gone) => call.on("cancelled", gone),
    };
    const share = context.shares.ofSession(stream?.session ?? call);
    share.begin(answering, () => begin(new StreamCaller(call, answering, share)));
  };
}

/** The same bytes: grpc-js copies with a method that only a Buffer has. */
function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Who waits for the answer to a call. Costs a waiter less than an AbortController. */
export class StreamCaller implements Caller {
  readonly connection: Share;
  readonly #call: BytesCall;
  readonly #answering: Answering;

  constructor(call: BytesCall, answering: Answering, share: Share) {
    this.#call = call;
    this.#answering = answering;
    this.connection = share;
  }

  /** When the caller gives up, in milliseconds since the epoch; Infinity for never. */
  get deadline(): number {
    return Number(this.#call.getDeadline());
  }

  /** That it has hung up, or that its deadline has passed. */
  get aborted(): boolean {
    return this.#call.cancelled;
  }

  addEventListener(_type: "abort", listener: () => void): void {
    this.#call.on("cancelled", listener);
  }

  removeEventListener(_type: "abort", listener: () => void): void {
    this.#call.off("cancelled", listener);
  }

  stepAside(): void {
    this.connection.stepAside(this.#answering);
  }

  stepBack(): Promise<void> {
    return this.connection.stepBack(this.#answering);
  }

  /** Does what takes long, when it is this connection's turn. @throws {StatusError} CANCELLED CALLER_GONE */
  long<T>(work: () => Promise<T>): Promise<T> {
    return this.connection.long(this.#answering, work);
  }
}
