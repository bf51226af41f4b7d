import type { IncomingHttpHeaders, ServerHttp2Stream } from "node:http2";
import { Server } from "@grpc/grpc-js";
import type { Clock } from "../../core/ports/clock.ts";
import type { GrpcStreams } from "../http2/http2-server.ts";
import type { Health } from "../probes/health.ts";
import { HealthService } from "./health.ts";
import { SERVER_OPTIONS, type StreamHandler, streamHandlerOf } from "./stream-guard.ts";

/**
 * A gRPC server with health checks only: for ports that are open before the service is, or that
 * serve nothing else.
 */
export class HealthServer implements GrpcStreams {
  readonly #service: HealthService;
  readonly #handle: StreamHandler;

  constructor(health: Health, clock: Clock) {
    const server = new Server(SERVER_OPTIONS);
    this.#service = new HealthService(health, clock);
    this.#service.addTo(server);
    this.#handle = streamHandlerOf(server);
  }

  take(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
    this.#handle(stream, headers);
  }

  close(): void {
    this.#service.close();
  }
}
