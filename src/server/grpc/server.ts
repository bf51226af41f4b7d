import type { IncomingHttpHeaders, ServerHttp2Stream } from "node:http2";
import { Server } from "@grpc/grpc-js";
import type { Operations } from "../../engine/operations.ts";
import { file_health_v1_health, Health } from "../../wire/gen/health/v1/health_pb.ts";
import type { GrpcStreams } from "../http2/http2-server.ts";
import { addReflection } from "./reflection.ts";
import { type GrpcOptions, type GrpcHandlers, grpcHandlers } from "./handlers.ts";
import { SERVER_OPTIONS, type StreamHandler, streamHandlerOf } from "./stream-guard.ts";
import { withMessageRoom } from "./message-room.ts";
import { ADMIN_SERVICE, definitionOf, type ServiceShape, servedShapes } from "./service-shapes.ts";

/**
 * Our gRPC server for everything except health checks. It has no connections; it is given streams
 * of HTTP/2.
 */
export class GrpcServer implements GrpcStreams {
  readonly #server = new Server(SERVER_OPTIONS);
  readonly #handle: StreamHandler;

  constructor(operations: Operations, options: GrpcOptions) {
    const services = grpcHandlers(operations, options);
    const admin = options.operators === undefined ? [] : [ADMIN_SERVICE];
    const shapes = [...servedShapes(options.rpcs ?? []), ...admin];
    for (const shape of shapes) addShape(this.#server, shape, services);
    const names = [...shapes.map(({ typeName }) => typeName), Health.typeName];
    const files = [...services.files, file_health_v1_health];
    addReflection(this.#server, names, files, services.admitDiscovery);
    this.#handle = withMessageRoom(streamHandlerOf(this.#server), options.shares.bodies);
  }

  /** Answers the call of a stream. */
  take(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
    this.#handle(stream, headers);
  }

  /** Nothing to do: calls end when the service answers their waits on its stop. */
  close(): void {}
}

function addShape(server: Server, shape: ServiceShape, { handlers }: GrpcHandlers): void {
  const { typeName, methods } = shape;
  const implementation = Object.fromEntries(
    methods.map((method) => {
      const handler = handlers.get(`/${typeName}/${method}`);
      if (handler === undefined) throw new TypeError(`No handler for ${typeName}.${method}`);
      return [method, handler];
    }),
  );
  server.addService(definitionOf(shape), implementation);
}
