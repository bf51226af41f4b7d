import {
  create,
  type DescMessage,
  type DescMethodServerStreaming,
  type DescMethodUnary,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  type Registry,
  toBinary,
} from "@bufbuild/protobuf";
import {
  type ChannelOptions,
  Client,
  type ClientUnaryCall,
  credentials,
  Metadata,
  type ServiceError,
} from "@grpc/grpc-js";
import type { Clock } from "../../core/ports/clock.ts";
import { stayAlive } from "../../core/ports/stay-alive.ts";
import { LIMITS } from "../../core/limits.ts";
import type { Types } from "../../wire/proto/registry.ts";
import { notUnderstood } from "../error.ts";
import type { HeaderSource } from "../transport.ts";
import type { GrpcAddress } from "./address.ts";
import { type Called, errorOfCall } from "./error.ts";

/** The options of calls over gRPC. */
export interface GrpcOptions {
  readonly clock: Clock;
  readonly headers: HeaderSource;
  /** Certificate authorities, as PEM. @default the well-known ones */
  readonly authorities?: string | undefined;
  /** Message types in addition to those that every client knows. */
  readonly types: Registry | undefined;
}

/** The options of one call. */
export interface UnaryOptions {
  /** Aborts the call. */
  readonly signal: AbortSignal | undefined;
  /** @default `LIMITS.callMsMax` */
  readonly timeoutMs?: number;
}

/** The largest `grpc-timeout` in milliseconds: eight digits. */
const TIMEOUT_MS_MAX = 99_999_999;

const OPTIONS: ChannelOptions = {
  // Otherwise all clients of the process share a connection, and a new client may get the failure
  // of another one that is about to try again.
  "grpc.use_local_subchannel_pool": 1,
  // The client decides about retries, in the same way as over REST.
  "grpc.enable_retries": 0,
  "grpc.service_config_disable_resolution": 1,
  // Shorter than the client's own pauses, so that a retry is a new connection attempt and not the
  // old error.
  "grpc.initial_reconnect_backoff_ms": 100,
  "grpc.max_reconnect_backoff_ms": 400,
  // The server limits its messages; Google's clients have no limit either (contract section 7).
  "grpc.max_receive_message_length": -1,
};

/** One connection to a server, made on demand and again after it was lost. */
export class Channel {
  readonly #address: GrpcAddress;
  readonly #options: GrpcOptions;
  readonly #types: Types;
  #client: Client | undefined;

  constructor(address: GrpcAddress, options: GrpcOptions, types: Types) {
    this.#address = address;
    this.#options = options;
    this.#types = types;
  }

  /**
   * Makes one call.
   *
   * @throws {StatusError} the error of the service; UNAVAILABLE without an answer,
   *   DEADLINE_EXCEEDED if it took too long, UNKNOWN if it is invalid
   */
  async unary<I extends DescMessage, O extends DescMessage>(
    rpc: DescMethodUnary<I, O>,
    message: MessageInitShape<I>,
    { signal, timeoutMs = LIMITS.callMsMax }: UnaryOptions,
  ): Promise<MessageShape<O>> {
    const called = { shown: `${rpc.name} at ${this.#address.shown}`, server: this.#address.shown, timeoutMs };
    const request = toBinary(rpc.input, create(rpc.input, message));
    const metadata = metadataOf(await this.#headers());
    // Not as an option, because grpc-js would use the machine's clock instead of ours.
    metadata.set("grpc-timeout", `${Math.ceil(Math.min(timeoutMs, TIMEOUT_MS_MAX))}m`);
    signal?.throwIfAborted();
    const answer = await this.#exchange(called, {
      path: `/${rpc.parent.typeName}/${rpc.name}`,
      request,
      metadata,
      signal,
    });
    try {
      return fromBinary(rpc.output, answer);
    } catch (error) {
      throw notUnderstood(called.shown, error);
    }
  }

  /**
   * Makes one call whose answer is a stream. The stream ends without an error when its time is
   * over; the caller then starts it again.
   *
   * @throws {StatusError} as {@link unary} does
   */
  async *stream<I extends DescMessage, O extends DescMessage>(
    rpc: DescMethodServerStreaming<I, O>,
    message: MessageInitShape<I>,
    { signal, timeoutMs = LIMITS.callMsMax }: UnaryOptions,
  ): AsyncGenerator<MessageShape<O>> {
    const called = { shown: `${rpc.name} at ${this.#address.shown}`, server: this.#address.shown, timeoutMs };
    const request = toBinary(rpc.input, create(rpc.input, message));
    const metadata = metadataOf(await this.#headers());
    signal?.throwIfAborted();
    this.#client ??= this.#open();
    const path = `/${rpc.parent.typeName}/${rpc.name}`;
    const call = this.#client.makeServerStreamRequest(path, asBuffer, asIs, request, metadata);
    let isOver = false;
    const cancel = (): void => call.cancel();
    const timer = this.#options.clock.after(timeoutMs, () => {
      isOver = true;
      cancel();
    });
    signal?.addEventListener("abort", cancel, { once: true });
    const release = stayAlive();
    try {
      for await (const bytes of call) yield fromBinary(rpc.output, bytes as Uint8Array);
    } catch (error) {
      signal?.throwIfAborted();
      if (isOver) return;
      if (!isServiceError(error)) throw notUnderstood(called.shown, error);
      throw errorOfCall(error, { ...called, late: false }, this.#types);
    } finally {
      timer.cancel();
      signal?.removeEventListener("abort", cancel);
      release();
      call.cancel();
    }
  }

  /**
   * Closes the connection after its calls have been answered. Calls that wait for the connection
   * fail with UNAVAILABLE.
   */
  close(): void {
    this.#client?.close();
    this.#client = undefined;
  }

  #open(): Client {
    const { target, secure, local } = this.#address;
    const { authorities } = this.#options;
    const roots = authorities === undefined ? null : Buffer.from(authorities);
    return new Client(
      target,
      secure ? credentials.createSsl(roots) : credentials.createInsecure(),
      local ? { ...OPTIONS, "grpc.enable_http_proxy": 0 } : OPTIONS,
    );
  }

  async #headers(): Promise<Readonly<Record<string, string>>> {
    const { headers } = this.#options;
    return typeof headers === "function" ? await headers() : headers;
  }

  #exchange(called: Called, { path, request, metadata, signal }: Exchange): Promise<Uint8Array> {
    const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
    let late = false;
    this.#client ??= this.#open();
    const call: ClientUnaryCall = this.#client.makeUnaryRequest(
      path,
      asBuffer,
      (bytes) => bytes,
      request,
      metadata,
      (error, answer) => {
        timer.cancel();
        signal?.removeEventListener("abort", cancel);
        if (error === null && answer !== undefined) resolve(answer);
        else if (signal?.aborted === true) reject(signal.reason as Error);
        else reject(errorOfCall(error, { ...called, late }, this.#types));
      },
    );
    const cancel = (): void => call.cancel();
    const timer = this.#options.clock.after(called.timeoutMs, () => {
      late = true;
      cancel();
    });
    signal?.addEventListener("abort", cancel, { once: true });
    return promise;
  }
}

interface Exchange {
  readonly path: string;
  readonly request: Uint8Array;
  readonly metadata: Metadata;
  readonly signal: AbortSignal | undefined;
}

function metadataOf(headers: Readonly<Record<string, string>>): Metadata {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
  return metadata;
}

function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && "code" in error && "details" in error && "metadata" in error;
}

function asIs(bytes: Buffer): Uint8Array {
  return bytes;
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
