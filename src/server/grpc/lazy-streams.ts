import type { IncomingHttpHeaders, ServerHttp2Stream } from "node:http2";
import type { Tell } from "../../core/events.ts";
import { kept } from "../../core/kept.ts";
import type { GrpcStreams } from "../http2/http2-server.ts";

/**
 * Answers gRPC calls with a server that is loaded at the first call: grpc-js and the descriptors
 * take longer to load than the service may take to start, and many services are called over REST
 * only.
 */
export class LazyStreams implements GrpcStreams {
  readonly #load: () => Promise<GrpcStreams>;
  readonly #tell: Tell;
  readonly #loading = kept(async (): Promise<GrpcStreams> => {
    const loaded = await this.#load();
    this.#loaded = loaded;
    if (this.#closed) loaded.close();
    return loaded;
  });
  #loaded: GrpcStreams | undefined;
  #closed = false;

  constructor(load: () => Promise<GrpcStreams>, tell: Tell) {
    this.#load = load;
    this.#tell = tell;
  }

  take(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
    if (this.#loaded !== undefined) return this.#loaded.take(stream, headers);
    const fail = (error: unknown): void => {
      this.#tell["grpc.failed"]?.({ error });
      stream.destroy();
    };
    this.load().then((loaded) => loaded.take(stream, headers), fail);
  }

  close(): void {
    this.#closed = true;
    this.#loaded?.close();
  }

  /** Starts loading now. */
  protected load(): Promise<GrpcStreams> {
    return this.#loading();
  }
}
