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
import { keepMessage } from "./message-room.ts";
import { streamOf } from "./stream-guard.ts";

/** The parts that every answer needs. */
export interface AnswerContext {
  /** The `domain` of errors. */
  readonly domain: string;
  /** The types that an `Any` may contain. */
  readonly types: Types;
  /** The shares of all connections. */
  readonly shares: Shares;
  readonly authenticate: Authenticate;
  readonly clock: Clock;
  readonly random: Random;
  readonly tell: Tell;
  /** @default no tracing */
  readonly tracing?: Tracing | undefined;
}

/** A call with bytes as request and answer. */
export type BytesCall = ServerUnaryCall<Buffer, Buffer>;

/** The used part of a call, whether it is answered with bytes or with a stream of them. */
type AnyCall = Pick<BytesCall, "metadata" | "cancelled" | "getPath" | "getDeadline" | "request"> & {
  on(event: "cancelled", listener: () => void): unknown;
  off(event: "cancelled", listener: () => void): unknown;
};

/**
 * Makes the bytes of the answer from those of the request; without a promise if the answer is
 * available at once.
 */
export type UnaryAnswer = (request: Buffer, call: UnaryCall) => Uint8Array | Promise<Uint8Array>;

/** A handler for grpc-js. An error of `answer` is converted for the caller and goes no further. */
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

/** The callbacks of a call that begins. */
interface Begun {
  readonly told: ToldCall | undefined;
  readonly refuse: (error: unknown) => void;
  /** Its errors go to `refuse`. */
  readonly carryOut: (call: UnaryCall) => void;
}

/**
 * Begins a call when its connection has room and its caller is known; never if the connection
 * closes before that.
 */
export function beginCall(call: AnyCall, context: AnswerContext, { told, refuse, carryOut }: Begun): void {
  const stream = streamOf(call);
  // The stream was closed meanwhile, so nobody needs an answer.
  if (stream?.closed === true) return;
  keepMessage(stream, call.request);
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
      const caller = context.authenticate(new CallSender(call, stream));
      told?.onCaller(caller);
      if (caller instanceof Promise) caller.then(begin, refuse);
      else begin(caller);
    } catch (error) {
      refuse(error);
    }
  });
}

/** The same bytes as a Buffer, because grpc-js copies them with a method of Buffer. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/**
 * The sender of a call. Metadata is converted to headers on first use. A class, because V8 takes
 * most of a microsecond for each getter of an object literal.
 */
class CallSender implements Sender {
  readonly #call: AnyCall;
  readonly #stream: ServerHttp2Stream | undefined;
  #headers: IncomingHttpHeaders | undefined;

  constructor(call: AnyCall, stream: ServerHttp2Stream | undefined) {
    this.#call = call;
    this.#stream = stream;
  }

  get headers(): IncomingHttpHeaders {
    return (this.#headers ??= this.#call.metadata.getMap() as IncomingHttpHeaders);
  }

  get socket(): Sender["socket"] {
    return this.#stream?.session?.socket;
  }

  get rpc(): string {
    return this.#call.getPath().slice(1);
  }
}

/**
 * A call with one request, and one answer or a stream of answers. It also serves as the waiting
 * connection, which takes less memory than an AbortController.
 */
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

  /** The caller's deadline in milliseconds since the epoch; Infinity for none. */
  get deadline(): number {
    return Number(this.#call.getDeadline());
  }

  /** Whether the caller has hung up, or its deadline has passed. */
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

  /**
   * Runs long work when it is this connection's turn. @throws {StatusError} CANCELLED CALLER_GONE
   */
  long<T>(work: () => Promise<T>): Promise<T> {
    return this.connection.long(this.#answering, work);
  }

  /** The same for a page of a list. @throws {StatusError} UNAVAILABLE TOO_MANY_PAGES, too */
  page<T>(work: () => Promise<T>): Promise<T> {
    return this.long(() => this.connection.page(this.#answering, work));
  }
}
