import type { IncomingHttpHeaders, ServerHttp2Stream } from "node:http2";
import type { handleUnaryCall, Server } from "@grpc/grpc-js";
import type { Operations } from "../../engine/operations.ts";
import type { GrpcStreams } from "../http2/http2-server.ts";
import type { GrpcServer } from "./server.ts";
import type { GrpcOptions, GrpcHandlers } from "./handlers.ts";
import { definitionOf, pathOf, servedShapes } from "./service-shapes.ts";

/**
 * The door of this room. Nothing behind it is loaded before the first caller comes: grpc-js and the descriptors take longer
 * to load than a server has to start, and many servers are called over REST alone.
 */

/** Answers the calls of gRPC among the streams of HTTP/2. */
export class GrpcDoor implements GrpcStreams {
  readonly #load: () => Promise<GrpcServer>;
  readonly #options: GrpcOptions;
  #loaded: Promise<GrpcServer> | undefined;
  #server: GrpcServer | undefined;
  #draining = false;
  #closed = false;

  constructor(operations: Operations, options: GrpcOptions) {
    this.#options = options;
    this.#load = async () => new (await import("./server.ts")).GrpcServer(operations, options);
    // Who has services of their own means to be called, and has loaded the descriptors already.
    if ((options.rpcs ?? []).length > 0) void this.#ready().catch(() => undefined);
  }

  take(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
    if (this.#server !== undefined) return this.#server.take(stream, headers);
    const take = (server: GrpcServer): void => server.take(stream, headers);
    const fail = (error: unknown): void => {
      this.#options.tell["grpc.failed"]?.({ error });
      stream.destroy();
    };
    this.#ready().then(take, fail);
  }

  drain(): void {
    this.#draining = true;
    this.#server?.drain();
  }

  close(): void {
    this.#closed = true;
    this.#server?.close();
  }

  #ready(): Promise<GrpcServer> {
    this.#loaded ??= this.#load().then((server) => {
      this.#server = server;
      if (this.#draining) server.drain();
      if (this.#closed) server.close();
      return server;
    });
    return this.#loaded;
  }
}

/** Adds the services, ours and those of users' RPCs, to a server of `@grpc/grpc-js`. Health and reflection are its owner's. */
export function addServices(
  server: Pick<Server, "addService">,
  operations: Operations,
  options: GrpcOptions,
): void {
  let loaded: Promise<GrpcHandlers> | undefined;
  let services: GrpcHandlers | undefined;
  const ready = (): Promise<GrpcHandlers> =>
    (loaded ??= import("./handlers.ts").then(
      ({ grpcHandlers }) => (services = grpcHandlers(operations, options)),
    ));
  for (const shape of servedShapes(options.rpcs ?? [])) {
    const handlers = shape.methods.map((method) => {
      const path = pathOf(shape.typeName, method);
      const handler: handleUnaryCall<Buffer, Buffer> = (call, callback) => {
        const answer = ({ handlers: found }: GrpcHandlers): void => found.get(path)?.(call, callback);
        const fail = (error: unknown): void => {
          options.tell["grpc.failed"]?.({ error });
          callback(new Error("The service cannot be loaded."));
        };
        if (services === undefined) ready().then(answer, fail);
        else answer(services);
      };
      return [method, handler] as const;
    });
    server.addService(definitionOf(shape), Object.fromEntries(handlers));
  }
}
