import { StatusError } from "../../core/error/error.ts";
import { grpcAddress, type GrpcAddress } from "./address.ts";
import type { GrpcOptions } from "./channel.ts";
import type { ClientOperation, StartedResult } from "../operation.ts";
import type {
  CallOptions,
  CollectionEvent,
  ListCall,
  OperationPage,
  StartCall,
  Transport,
  WatchCall,
} from "../transport.ts";

export { isGrpcAddress } from "./address.ts";

/**
 * Calls over gRPC.
 *
 * The gRPC code is loaded by the first call: it needs Node, and takes a tenth of a second that
 * callers over REST, perhaps in a browser, should not pay.
 */
export class GrpcTransport implements Transport {
  readonly #address: GrpcAddress;
  readonly #options: GrpcOptions;
  #connected: Promise<Transport> | undefined;

  /** @param baseUrl such as `grpc://127.0.0.1:8080`. @throws {TypeError} for an invalid address */
  constructor(baseUrl: string, options: GrpcOptions) {
    this.#address = grpcAddress(baseUrl);
    this.#options = options;
  }

  async start(call: StartCall, options: CallOptions): Promise<ClientOperation> {
    return (await this.#transport(options)).start(call, options);
  }

  async startMany(calls: readonly StartCall[], options: CallOptions): Promise<readonly StartedResult[]> {
    return (await this.#transport(options)).startMany(calls, options);
  }

  async get(name: string, options: CallOptions): Promise<ClientOperation> {
    return (await this.#transport(options)).get(name, options);
  }

  async list(call: ListCall, options: CallOptions): Promise<OperationPage> {
    return (await this.#transport(options)).list(call, options);
  }

  async cancel(name: string, options: CallOptions): Promise<void> {
    await (await this.#transport(options)).cancel(name, options);
  }

  async delete(name: string, options: CallOptions): Promise<void> {
    await (await this.#transport(options)).delete(name, options);
  }

  async wait(name: string, timeoutMs: number, options: CallOptions): Promise<ClientOperation> {
    return (await this.#transport(options)).wait(name, timeoutMs, options);
  }

  async *watch(name: string, options: CallOptions): AsyncGenerator<ClientOperation> {
    yield* (await this.#transport(options)).watch(name, options);
  }

  async *watchOperations(call: WatchCall, options: CallOptions): AsyncGenerator<CollectionEvent> {
    yield* (await this.#transport(options)).watchOperations(call, options);
  }

  close(): void {
    // If loading failed, its caller got the error.
    this.#connected?.then(
      (transport) => transport.close(),
      () => {},
    );
  }

  #transport({ signal }: CallOptions): Promise<Transport> {
    signal?.throwIfAborted();
    return (this.#connected ??= this.#connect());
  }

  async #connect(): Promise<Transport> {
    // Bundlers for browsers replace it by an empty module (`browser` in package.json).
    const loaded: Partial<typeof import("./calls.ts")> = await import("./calls.ts").catch(
      (cause: unknown) => {
        throw noGrpcHere(this.#address, cause);
      },
    );
    if (loaded.GrpcCalls === undefined) throw noGrpcHere(this.#address);
    return new loaded.GrpcCalls(this.#address, this.#options);
  }
}

function noGrpcHere({ shown, secure }: GrpcAddress, cause?: unknown): StatusError {
  const instead = secure ? "https://" : "http://";
  return new StatusError(
    "UNIMPLEMENTED",
    `${shown} cannot be called from here, for want of gRPC: browsers have none. Use REST: the same server under ${instead}.`,
    { reason: "GRPC_UNSUPPORTED", cause },
  );
}
