import type { IncomingHttpHeaders, ServerHttp2Stream } from "node:http2";
import { Server, type ServerOptions } from "@grpc/grpc-js";
import { LIMITS } from "../../core/limits.ts";
import type { Operations } from "../../engine/operations.ts";
import { file_health_v1_health } from "../../wire/gen/health/v1/health_pb.ts";
import { Health } from "./health.ts";
import { addReflection } from "./reflection.ts";
import { type GrpcOptions, type GrpcHandlers, grpcHandlers } from "./handlers.ts";
import { type StreamHandler, streamHandlerOf } from "./stream-guard.ts";
import { ADMIN_SERVICE, definitionOf, type ServiceShape, servedShapes } from "./service-shapes.ts";

const SERVER_OPTIONS: ServerOptions = {
  // What Go, Python and Node receive by default as well. Requests are stored, and none may be larger than a quarter of it.
  "grpc.max_receive_message_length": LIMITS.grpcReceiveBytesMax,
  // Answers have limits of their own; one that was stored must be readable, and Google's clients take any size.
  "grpc.max_send_message_length": -1,
  // Nobody can ask for its numbers here, and every call pays for counting them.
  "grpc.enable_channelz": 0,
};

/** Our gRPC server. It has no connections: streams of HTTP/2 are handed to it. */
export class GrpcServer {
  readonly #server = new Server(SERVER_OPTIONS);
  readonly #handle: StreamHandler;
  readonly #health: Health;
  #closed = false;

  constructor(operations: Operations, options: GrpcOptions) {
    const services = grpcHandlers(operations, options);
    const admin = options.operators === undefined ? [] : [ADMIN_SERVICE];
    const shapes = [...servedShapes(options.rpcs ?? []), ...admin];
    for (const shape of shapes) addShape(this.#server, shape, services);
    this.#health = new Health(
      shapes.map(({ typeName }) => typeName),
      () => operations.stopping,
    );
    this.#health.addTo(this.#server);
    addReflection(this.#server, [...services.files, file_health_v1_health]);
    this.#handle = streamHandlerOf(this.#server);
  }

  /** Answers the call of a stream. */
  take(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
    this.#handle(stream, headers);
  }

  /** Serves on, and says to health checks that it will not for long. */
  drain(): void {
    this.#health.drain();
  }

  /** Tells those who watch the health that it is over. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#health.stop();
  }
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
