import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { Clock } from "../../core/ports/clock.ts";
import { LIMITS } from "../../core/limits.ts";
import { bodyRoomOfProcess } from "./body-room.ts";
import type { Room } from "./room.ts";
import { pageRoomOfProcess } from "./page-room.ts";
import { Share } from "./share.ts";
import { streamOf } from "../http2/message.ts";
import { adjustStreams } from "../http2/stream-limit.ts";
import { Turns } from "./turns.ts";

/** The shares of all connections of a service, on any server. */
export class Shares {
  readonly bodies: Room;
  readonly pages: Room;
  readonly #turns: Turns;
  readonly #shares = new WeakMap<object, Share>();

  /**
   * @param bodies the room for bodies. @default that of the process
   * @param pages the room for pages. @default that of the process
   */
  constructor(clock: Clock, bodies: Room = bodyRoomOfProcess(), pages: Room = pageRoomOfProcess()) {
    this.bodies = bodies;
    this.pages = pages;
    this.#turns = new Turns(clock);
  }

  /** The share of a request's connection; undefined if it has closed. */
  of(request: IncomingMessage): Share | undefined {
    const stream = streamOf(request);
    if (stream === undefined) return this.ofSocket(request.socket);
    return stream.session === undefined ? undefined : this.ofSession(stream.session);
  }

  /** The share of an HTTP/1.1 connection. */
  ofSocket(socket: Socket): Share {
    const kept = this.#shares.get(socket);
    if (kept !== undefined) return kept;
    const { bodies, pages } = this;
    const kind = { callsMax: LIMITS.pipelinedCallsMax, isOrdered: true, inlet: socket, bodies, pages };
    return this.#keep(socket, new Share(this.#turns, kind));
  }

  /** The share of an HTTP/2 connection, for REST and gRPC together. */
  ofSession(session: object): Share {
    const kept = this.#shares.get(session);
    if (kept !== undefined) return kept;
    const kind = {
      callsMax: LIMITS.connectionCallsMax,
      isOrdered: false,
      bodies: this.bodies,
      pages: this.pages,
      onAside: (count: number) => adjustStreams(session, count),
    };
    return this.#keep(session, new Share(this.#turns, kind));
  }

  #keep(connection: object, share: Share): Share {
    this.#shares.set(connection, share);
    return share;
  }
}
