import type { IncomingHttpHeaders, ServerHttp2Stream } from "node:http2";
import type { Socket } from "node:net";
import type { Clock } from "../../core/ports/clock.ts";
import { LIMITS } from "../../core/limits.ts";
import type { Http2Connections } from "../listening/connections.ts";
import type { HttpListener } from "../front.ts";
import { Turns } from "../sharing/turns.ts";
import { RestStreams } from "./rest-streams.ts";
import { Sessions } from "./sessions.ts";
import { limitStreams } from "./stream-limit.ts";

/** Who answers calls of gRPC. */
export interface GrpcStreams {
  /** Answers the call of a stream, which is not read from yet. */
  take(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void;
  /** Ends what goes on for as long as the server does. */
  close(): void;
}

/** What HTTP/2 is served with. */
export interface Http2Options {
  /** Answers requests that are not gRPC. */
  readonly http: HttpListener;
  readonly grpc: GrpcStreams;
  readonly clock: Clock;
}

const SESSION_OPTIONS = {
  settings: { maxConcurrentStreams: LIMITS.http2StreamsMin },
  // What a session holds is bounded by its streams, and by its share; Node ends the wrong streams when this is reached.
  maxSessionMemory: Number.MAX_SAFE_INTEGER,
  // Long details of errors travel in trailers.
  maxSendHeaderBlockLength: Number.MAX_SAFE_INTEGER,
} as const;

/** What calls of gRPC say they are. @see gRPC over HTTP/2, "Requests" */
const GRPC_TYPE = "application/grpc";

/**
 * Serves HTTP/2: gRPC and REST over the same connections, told apart stream by stream by the content type. It opens no
 * sockets: `listen()` hands them over.
 */
export class Http2Server implements Http2Connections {
  readonly #options: Http2Options;
  readonly #sessions: Sessions;
  readonly #restStreams: RestStreams;
  readonly #turns: Turns;

  constructor(options: Http2Options) {
    this.#options = options;
    this.#sessions = new Sessions(options.clock);
    this.#restStreams = new RestStreams(options);
    this.#turns = new Turns(options.clock);
  }

  /** Serves a connection, from its first byte on. */
  take(socket: Socket): void {
    if (this.#sessions.closed) socket.destroy();
    else this.#serve(socket);
  }

  close(): void {
    this.#options.grpc.close();
    this.#sessions.close();
  }

  #serve(socket: Socket): void {
    const session = process.getBuiltinModule("node:http2").performServerHandshake(socket, SESSION_OPTIONS);
    limitStreams(session);
    const keeper = this.#sessions.add(session);
    const take = this.#inTurns(session);
    session.on("stream", (stream, headers, flags, rawHeaders: readonly string[]) => {
      // Errors of a stream are its caller's doing, and an error that nobody hears ends the process.
      stream.on("error", () => undefined);
      keeper.open(stream);
      take(() => {
        // One that its caller has reset, maybe in the same packet.
        if (stream.destroyed || stream.closed) return;
        if (headers["content-type"]?.startsWith(GRPC_TYPE) === true) this.#options.grpc.take(stream, headers);
        else this.#restStreams.take(stream, { headers, flags, rawHeaders });
      });
    });
  }

  /** Thousands of streams may come in one packet: as many as may be under way are taken at once, the rest in turns to come. */
  #inTurns(session: object): (take: () => void) => void {
    const { clock } = this.#options;
    let [atOnce, later] = [0, 0];
    return (take) => {
      if (later === 0 && atOnce < LIMITS.connectionCallsMax) {
        if (atOnce++ === 0) clock.soon(() => (atOnce = 0));
        take();
        return;
      }
      later++;
      this.#turns.take(session, () => {
        later--;
        take();
      });
    };
  }
}
