import type { handleServerStreamingCall, handleUnaryCall, Server } from "@grpc/grpc-js";
import { kept } from "../../core/kept.ts";
import type { Operations } from "../../engine/operations.ts";
import type { GrpcOptions, GrpcHandlers } from "./handlers.ts";
import { LazyStreams } from "./lazy-streams.ts";
import { definitionOf, pathOf, servedShapes } from "./service-shapes.ts";

/** The entry point of this room. The rest of the room is loaded when the first caller comes. */

/** Answers all gRPC calls among the streams of HTTP/2, except health checks. */
export class GrpcDoor extends LazyStreams {
  constructor(operations: Operations, options: GrpcOptions) {
    super(async () => new (await import("./server.ts")).GrpcServer(operations, options), options.tell);
    // A service with its own RPCs expects calls, and has loaded the descriptors already.
    if ((options.rpcs ?? []).length > 0) void this.load().catch(() => undefined);
  }
}

/**
 * Adds our services and those of users' RPCs to a server of `@grpc/grpc-js`. Its owner adds health
 * and reflection.
 */
export function addServices(
  server: Pick<Server, "addService">,
  operations: Operations,
  options: GrpcOptions,
): void {
  let services: GrpcHandlers | undefined;
  const ready = kept(async (): Promise<GrpcHandlers> => {
    const { grpcHandlers } = await import("./handlers.ts");
    return (services = grpcHandlers(operations, options));
  });
  for (const shape of servedShapes(options.rpcs ?? [])) {
    const handlers = shape.methods.map((method) => {
      const path = pathOf(shape.typeName, method);
      const answer = (given: readonly unknown[], refuse: (error: Error) => void): void => {
        const carryOut = ({ handlers: found }: GrpcHandlers): void => {
          const handler = found.get(path) as ((...call: readonly unknown[]) => void) | undefined;
          handler?.(...given);
        };
        if (services !== undefined) return carryOut(services);
        ready().then(carryOut, (error: unknown) => {
          options.tell["grpc.failed"]?.({ error });
          refuse(new Error("The service cannot be loaded."));
        });
      };
      const unary: handleUnaryCall<Buffer, Buffer> = (call, callback) => answer([call, callback], callback);
      const streaming: handleServerStreamingCall<Buffer, Buffer> = (call) =>
        answer([call], (error) => call.emit("error", error));
      return [method, shape.streams === true ? streaming : unary] as const;
    });
    server.addService(definitionOf(shape), Object.fromEntries(handlers));
  }
}
