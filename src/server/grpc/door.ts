import type { handleUnaryCall, Server } from "@grpc/grpc-js";
import type { Operations } from "../../engine/operations.ts";
import type { GrpcOptions, GrpcHandlers } from "./handlers.ts";
import { LazyStreams } from "./lazy-streams.ts";
import { definitionOf, pathOf, servedShapes } from "./service-shapes.ts";

/** The door of this room. Nothing behind it is loaded before the first caller comes. */

/** Answers the calls of gRPC among the streams of HTTP/2, but for health checks. */
export class GrpcDoor extends LazyStreams {
  constructor(operations: Operations, options: GrpcOptions) {
    super(async () => new (await import("./server.ts")).GrpcServer(operations, options), options.tell);
    // Who has services of their own means to be called, and has loaded the descriptors already.
    if ((options.rpcs ?? []).length > 0) void this.load().catch(() => undefined);
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
