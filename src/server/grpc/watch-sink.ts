import type { ServerWritableStream } from "@grpc/grpc-js";
import { serviceError, type StatusError } from "../../core/error/error.ts";
import { isDone, type Operation } from "../../core/operation/operation.ts";
import { notFoundError } from "../../engine/missing.ts";
import type { OperationView } from "../../wire/operation.ts";
import { operationProto, type WatchedEvent, watchedProto } from "../../wire/proto/operation.ts";
import type { Types } from "../../wire/proto/registry.ts";
import type { WatchSink } from "../watching/watch-stream.ts";
import { grpcStatus } from "./status.ts";
import { streamOf } from "./stream-guard.ts";
import type { ToldCall } from "./told-call.ts";
import { asBuffer } from "./unary.ts";

/** A call with bytes as request and a stream of bytes as answer. */
export type StreamingCall = ServerWritableStream<Buffer, Buffer>;

/** The sink of a watch: the answer to a call. The sister of `rest/watch-sink.ts`. */
export interface SinkParts {
  readonly call: StreamingCall;
  readonly view: OperationView;
  readonly domain: string;
  readonly types: Types;
  readonly told: ToldCall | undefined;
}

/** It ends with OK if everything was sent, otherwise with an error. */
abstract class MessageSink implements WatchSink {
  protected readonly parts: SinkParts;
  #bytes = 0;
  #isOver = false;

  constructor(parts: SinkParts) {
    this.parts = parts;
    parts.call.on("cancelled", () => this.#tell("CANCELLED"));
  }

  protected send(bytes: Buffer, taken: () => void): void {
    this.#bytes += bytes.length;
    this.parts.call.write(bytes, taken);
  }

  /** Nothing to send: pings keep the connection alive. */
  comment(taken: () => void): void {
    taken();
  }

  end(error: StatusError | undefined = this.ending()): void {
    const { call, domain, types } = this.parts;
    if (call.cancelled) return;
    if (error === undefined) call.end();
    else call.emit("error", grpcStatus(error, domain, types));
    this.#tell(error?.code ?? "OK");
  }

  cut(): void {
    streamOf(this.parts.call)?.close(CANCEL);
  }

  #tell(code: string): void {
    if (!this.#isOver) this.parts.told?.end(code, this.#bytes);
    this.#isOver = true;
  }

  /** The status at the end, if none is given; undefined for OK. */
  protected abstract ending(): StatusError | undefined;
  abstract operation(operation: Operation, taken: () => void): void;
  abstract removed(name: string, taken: () => void): void;
  abstract initialEnd(taken: () => void): void;
}

/** NGHTTP2_CANCEL. @see RFC 9113, section 7 */
const CANCEL = 8;

/** For one operation. */
export class OperationSink extends MessageSink {
  #isDone = false;
  #removed: StatusError | undefined;

  operation(operation: Operation, taken: () => void): void {
    this.#isDone = isDone(operation);
    this.send(messageOf(operation, this.parts), taken);
  }

  removed(name: string, taken: () => void): void {
    this.#removed = notFoundError(name);
    taken();
  }

  initialEnd(taken: () => void): void {
    taken();
  }

  protected ending(): StatusError | undefined {
    return this.#isDone ? undefined : (this.#removed ?? watchAgain());
  }
}

/** For a collection. */
export class CollectionSink extends MessageSink {
  operation(operation: Operation, taken: () => void): void {
    this.#event({ operation }, taken);
  }

  removed(name: string, taken: () => void): void {
    this.#event({ removed: name }, taken);
  }

  initialEnd(taken: () => void): void {
    this.#event({ initialEnd: true }, taken);
  }

  protected ending(): StatusError {
    return watchAgain();
  }

  #event(event: WatchedEvent, taken: () => void): void {
    this.send(asBuffer(watchedProto(event, this.parts.view, this.parts.types)), taken);
  }
}

/** Encoded messages, for further watches of the same operation. */
const made = new WeakMap<Operation, { readonly view: OperationView; readonly bytes: Buffer }>();

function messageOf(operation: Operation, { view, types }: SinkParts): Buffer {
  const known = made.get(operation);
  if (known?.view === view) return known.bytes;
  const bytes = asBuffer(operationProto(operation, view, types));
  made.set(operation, { view, bytes });
  return bytes;
}

function watchAgain(): StatusError {
  return serviceError("WATCH_ENDED", "The server ends this watch; watch again.");
}
