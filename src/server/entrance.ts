import type { IncomingHttpHeaders, ServerHttp2Stream } from "node:http2";
import { CODES } from "../core/error/code.ts";
import type { StatusError } from "../core/error/error.ts";
import type { Tell } from "../core/events.ts";
import type { Clock } from "../core/ports/clock.ts";
import { HTTP_OK } from "../wire/code.ts";
import { type Edge, front, type HttpListener, refuse } from "./front.ts";
import { HealthDoor } from "./grpc/health-door.ts";
import type { GrpcStreams } from "./http2/http2-server.ts";
import type { Health } from "./probes/health.ts";
import { Shares } from "./sharing/shares.ts";
import type { Stops } from "./stops/stop.ts";

/** The parts of an entrance. */
export interface EntranceParts {
  readonly health: Health;
  /** The addresses that are answered from the first moment. */
  readonly stops: Stops;
  /** The error for all other requests until the service is open. */
  readonly refusal: StatusError;
  readonly clock: Clock;
  readonly tell: Tell;
}

/** The prefix of the paths of the health service. */
const HEALTH = "/grpc.health.v1.Health/";

/**
 * The handler of a port. Probes and the health service of gRPC are answered from the first moment;
 * all other requests are rejected until {@link open}.
 */
export class Entrance implements GrpcStreams {
  readonly #refusal: StatusError;
  readonly #health: HealthDoor;
  readonly #shares: Shares;
  #http: HttpListener;
  #grpc: GrpcStreams | undefined;

  constructor(parts: EntranceParts) {
    this.#refusal = parts.refusal;
    this.#health = new HealthDoor(parts);
    this.#shares = new Shares(parts.clock);
    this.#http = this.#refusing(parts.stops);
  }

  /** Answers requests that are not gRPC. */
  readonly http: HttpListener = (request, response) => this.#http(request, response);

  /** Passes requests on to a service from now on. Health checks are still answered here. */
  open(http: HttpListener, grpc: GrpcStreams): void {
    this.#http = http;
    this.#grpc = grpc;
  }

  /** Answers other addresses too, and still rejects all else. */
  show(stops: Stops): void {
    this.#http = this.#refusing(stops);
  }

  take(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
    if (headers[":path"]?.startsWith(HEALTH) === true) this.#health.take(stream, headers);
    else if (this.#grpc !== undefined) this.#grpc.take(stream, headers);
    else refuseCall(stream, this.#refusal);
  }

  close(): void {
    this.#health.close();
    this.#grpc?.close();
  }

  #refusing(stops: Stops): HttpListener {
    const rest: Edge = ({ request, response }) => refuse(request, response, this.#refusal);
    return front({ stops, rest }, this.#shares);
  }
}

/** Answers a gRPC call without loading the gRPC server. */
function refuseCall(stream: ServerHttp2Stream, { code, message }: StatusError): void {
  const headers = {
    ":status": HTTP_OK,
    "content-type": "application/grpc+proto",
    "grpc-status": CODES[code],
    "grpc-message": message,
  };
  stream.respond(headers, { endStream: true });
}
