import { EventEmitter } from "node:events";
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

/** The handler of gRPC calls. */
export interface GrpcStreams {
  /** Answers the call of a stream that has not been read from yet. */
  take(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void;
  /** Ends everything that runs as long as the server does. */
  close(): void;
}

/** The options of an HTTP/2 server. */
export interface Http2Options {
  /** Answers requests that are not gRPC. */
  readonly http: HttpListener;
  readonly grpc: GrpcStreams;
  readonly clock: Clock;
}

const SESSION_OPTIONS = {
  settings: { maxConcurrentStreams: LIMITS.http2StreamsMin },
  // The number of streams and the share limit the memory of a session; if this limit is reached,
  // Node ends the wrong streams.
  maxSessionMemory: Number.MAX_SAFE_INTEGER,
  // Long error details are sent in trailers.
  maxSendHeaderBlockLength: Number.MAX_SAFE_INTEGER,
} as const;

/** The content type of gRPC calls. @see gRPC over HTTP/2, "Requests" */
const GRPC_TYPE = "application/grpc";

function ignore(): void {}

/**
 * Node keeps a closed stream until the next full garbage collection, with its listeners and
 * everything that they use: the call, its request and its answer. Listeners of the same event still
 * run.
 *
 * Node listens for the removal of listeners of a stream. Without that listener, all others go at
 * once; with it, one by one. A Readable would also check in a later turn whether it must be read,
 * for each event.
 */
function forget(this: ServerHttp2Stream): void {
  EventEmitter.prototype.removeAllListeners.call(this, "removeListener");
  EventEmitter.prototype.removeAllListeners.call(this);
  this.on("error", ignore);
}

/**
 * Serves HTTP/2: gRPC and REST over the same connections, distinguished by the content type of each
 * stream. It opens no sockets: `listen()` passes them in.
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
      // The caller causes errors of a stream, and an error without a listener ends the process.
      stream.on("error", ignore);
      keeper.open(stream);
      stream.on("close", forget);
      take(() => {
        // The caller may have reset the stream, perhaps in the same packet.
        if (stream.destroyed || stream.closed) return;
        if (headers["content-type"]?.startsWith(GRPC_TYPE) === true) this.#options.grpc.take(stream, headers);
        else this.#restStreams.take(stream, { headers, flags, rawHeaders });
      });
    });
  }

  /**
   * One packet may open thousands of streams: as many as the limit of calls in progress are handled
   * at once, the rest in later turns.
   */
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
