import type { Socket } from "node:net";
import type { Clock } from "../core/clock.ts";
import { LIMITS } from "../core/limits.ts";
import { Share } from "./share.ts";
import { Turns } from "./turns.ts";

/** The shares of all connections of a service, whichever server they belong to. */
export class Shares {
  readonly #turns: Turns;
  readonly #shares = new WeakMap<object, Share>();

  constructor(clock: Clock) {
    this.#turns = new Turns(clock);
  }

  /** The share of a connection that speaks HTTP/1.1. */
  ofSocket(socket: Socket): Share {
    const kept = this.#shares.get(socket);
    if (kept !== undefined) return kept;
    const kind = { callsMax: LIMITS.pipelinedCallsMax, isOrdered: true, inlet: socket };
    return this.#keep(socket, new Share(this.#turns, kind));
  }

  /** The share of a connection that speaks HTTP/2, for REST and gRPC together. */
  ofSession(session: object): Share {
    const kept = this.#shares.get(session);
    if (kept !== undefined) return kept;
    const kind = { callsMax: LIMITS.connectionCallsMax, isOrdered: false };
    return this.#keep(session, new Share(this.#turns, kind));
  }

  #keep(connection: object, share: Share): Share {
    this.#shares.set(connection, share);
    return share;
  }
}
