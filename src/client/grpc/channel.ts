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

/** What calls over gRPC are made with. */
export interface GrpcOptions {
  readonly clock: Clock;
  readonly headers: HeaderSource;
  /** Authorities of servers' certificates, as PEM. @default those that everybody knows */
  readonly authorities?: string | undefined;
  /** Message types beside those that every client knows. */
  readonly types: Registry | undefined;
}

/** How one call is made. */
export interface UnaryOptions {
  /** Gives the call up. */
  readonly signal: AbortSignal | undefined;
  /** @default `LIMITS.callMsMax` */
  readonly timeoutMs?: number;
}

/** The most that `grpc-timeout` can say, in milliseconds: eight digits. */
const TIMEOUT_MS_MAX = 99_999_999;

const OPTIONS: ChannelOptions = {
  // What is repeated, and when, is for the client to say: there it is the same over REST.
  "grpc.enable_retries": 0,
  "grpc.service_config_disable_resolution": 1,
  // Below the client's own pauses, so that a repeated call is a new attempt at the connection and not the old refusal.
  "grpc.initial_reconnect_backoff_ms": 100,
  "grpc.max_reconnect_backoff_ms": 400,
  // The server bounds what it sends; Google's clients have no limit either (contract section 7).
  "grpc.max_receive_message_length": -1,
};

/** One connection to a server, made when it is needed and again when it was lost. */
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
   * @throws {StatusError} what the service told; UNAVAILABLE where there was no answer, DEADLINE_EXCEEDED where it took
   *   too long, UNKNOWN where it cannot be read
   */
  async unary<I extends DescMessage, O extends DescMessage>(
    rpc: DescMethodUnary<I, O>,
    message: MessageInitShape<I>,
    { signal, timeoutMs = LIMITS.callMsMax }: UnaryOptions,
  ): Promise<MessageShape<O>> {
    const called = { shown: `${rpc.name} at ${this.#address.shown}`, server: this.#address.shown, timeoutMs };
    const request = toBinary(rpc.input, create(rpc.input, message));
    const metadata = metadataOf(await this.#headers());
    // Not as an option: grpc-js would count from the machine's clock, which is not the one we were given.
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
   * Makes one call that is answered with a stream. It ends in order where its time is over: whoever reads makes it again.
   *
   * @throws {StatusError} as {@link unary}
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

  /** Ends the connection once the calls on it have been answered. One that waits for it is UNAVAILABLE. */
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
