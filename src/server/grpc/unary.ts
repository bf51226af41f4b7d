import type { IncomingHttpHeaders, ServerHttp2Stream } from "node:http2";
import type { handleUnaryCall, ServerUnaryCall } from "@grpc/grpc-js";
import type { Tell } from "../../core/events.ts";
import type { Clock } from "../../core/ports/clock.ts";
import type { Random } from "../../core/ports/random.ts";
import type { Tracing } from "../../core/ports/tracing.ts";
import type { Caller } from "../../core/caller.ts";
import type { WaitingConnection } from "../../core/ports/abort.ts";
import type { Types } from "../../wire/proto/registry.ts";
import type { Authenticate, Sender } from "../../core/ports/authenticate.ts";
import { namingCall } from "../credential-refusal.ts";
import { forCaller } from "../error-for-caller.ts";
import type { Answering, Share } from "../sharing/share.ts";
import type { Shares } from "../sharing/shares.ts";
import { grpcStatus } from "./status.ts";
import { ToldCall } from "./told-call.ts";
import { streamOf } from "./stream-guard.ts";

/** What answering takes, whatever is asked. */
export interface AnswerContext {
  /** The `domain` of errors. */
  readonly domain: string;
  /** What an `Any` may hold. */
  readonly types: Types;
  /** What each connection may take. */
  readonly shares: Shares;
  readonly authenticate: Authenticate;
  readonly clock: Clock;
  readonly random: Random;
  readonly tell: Tell;
  /** @default nobody traces */
  readonly tracing?: Tracing | undefined;
}

/** A call of bytes for bytes. */
export type BytesCall = ServerUnaryCall<Buffer, Buffer>;

/** As much of a call as is used, whether it is answered with bytes or with a stream of them. */
type AnyCall = Pick<BytesCall, "metadata" | "cancelled" | "getPath" | "getDeadline"> & {
  on(event: "cancelled", listener: () => void): unknown;
  off(event: "cancelled", listener: () => void): unknown;
};

/** From the bytes of a request to those of the answer, at once where they are at hand. */
export type UnaryAnswer = (request: Buffer, call: UnaryCall) => Uint8Array | Promise<Uint8Array>;

/** A handler for grpc-js. Whatever `answer` throws, the caller is told as little as it may know, and nothing goes further. */
export function unary(answer: UnaryAnswer, context: AnswerContext): handleUnaryCall<Buffer, Buffer> {
  return (call, callback) => {
    const told = ToldCall.begin(call, context);
    const send = (bytes: Uint8Array): void => {
      callback(null, asBuffer(bytes));
      told?.end("OK", bytes.length);
    };
    const refuse = (error: unknown): void => {
      const path = call.getPath();
      const shown = namingCall(forCaller(error, context, { method: "gRPC", path }), context.domain, () =>
        path.slice(1).replace("/", "."),
      );
      callback(grpcStatus(shown, context.domain, context.types));
      told?.end(shown.code, 0);
    };
    beginCall(call, context, {
      told,
      refuse,
      carryOut: (unaryCall) => {
        const answered =
          told === undefined
            ? answer(call.request, unaryCall)
            : told.within(() => answer(call.request, unaryCall));
        if (answered instanceof Uint8Array) send(answered);
        else answered.then(send, refuse);
      },
    });
  };
}

/** What becomes of a call that has begun. */
interface Begun {
  readonly told: ToldCall | undefined;
  readonly refuse: (error: unknown) => void;
  /** What it throws is refused. */
  readonly carryOut: (call: UnaryCall) => void;
}

/** Begins a call when its connection has room and its caller is known; not at all where that is gone. */
export function beginCall(call: AnyCall, context: AnswerContext, { told, refuse, carryOut }: Begun): void {
  const stream = streamOf(call);
  // Gone meanwhile, and nobody is left to be answered.
  if (stream?.closed === true) return;
  const answering: Answering = stream ?? {
    writableLength: 0,
    on: (_event, gone) => call.on("cancelled", gone),
  };
  const share = context.shares.ofSession(stream?.session ?? call);
  const begin = (caller: Caller): void => {
    try {
      carryOut(new UnaryCall({ call, caller, answering, share }));
    } catch (error) {
      refuse(error);
    }
  };
  share.begin(answering, () => {
    try {
      const caller = context.authenticate(senderOf(call, stream));
      told?.onCaller(caller);
      if (caller instanceof Promise) caller.then(begin, refuse);
      else begin(caller);
    } catch (error) {
      refuse(error);
    }
  });
}

/** The same bytes: grpc-js copies with a method that only a Buffer has. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** What a call tells of its sender. Metadata is copied into headers when they are asked for. */
function senderOf(call: AnyCall, stream: ServerHttp2Stream | undefined): Sender {
  let headers: IncomingHttpHeaders | undefined;
  return {
    get headers() {
      return (headers ??= call.metadata.getMap() as IncomingHttpHeaders);
    },
    get socket() {
      return stream?.session?.socket;
    },
    get rpc() {
      return call.getPath().slice(1);
    },
  };
}

/** A call of one request, and of one answer or a stream of them. As what waits for it, it costs less than an AbortController. */
export class UnaryCall implements WaitingConnection {
  readonly caller: Caller;
  readonly connection: Share;
  readonly #call: AnyCall;
  readonly #answering: Answering;

  constructor(parts: {
    readonly call: AnyCall;
    readonly caller: Caller;
    readonly answering: Answering;
    readonly share: Share;
  }) {
    this.caller = parts.caller;
    this.connection = parts.share;
    this.#call = parts.call;
    this.#answering = parts.answering;
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
