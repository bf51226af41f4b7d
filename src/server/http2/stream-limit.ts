import type { ServerHttp2Session } from "node:http2";
import { LIMITS } from "../../core/limits.ts";

/** Limits of sessions of ours. Those of a user's own server are the user's. */
const limits = new WeakMap<object, StreamLimit>();

/**
 * How many streams the caller of a session may have open at once. Node makes every stream of a packet before anybody can say
 * that it comes too early, so a caller who may open thousands at once holds the event loop with them. It begins small, and
 * grows with the calls that only wait for an operation: one caller may wait for thousands, and opens them step by step.
 */
class StreamLimit {
  readonly #session: ServerHttp2Session;
  #told: number = LIMITS.http2StreamsMin;

  constructor(session: ServerHttp2Session) {
    this.#session = session;
  }

  /** Tells the caller a limit for so many calls that wait, in steps of two. */
  adjust(waiting: number): void {
    let wanted: number = LIMITS.http2StreamsMin;
    while (wanted < waiting + LIMITS.http2StreamsMin) wanted *= 2;
    wanted = Math.min(wanted, LIMITS.grpcStreamsMax);
    const isOpen = !this.#session.closed && !this.#session.destroyed;
    // It never shrinks: streams that the caller opens before it has heard of that would be refused.
    if (!isOpen || wanted <= this.#told) return;
    this.#told = wanted;
    this.#session.settings({ maxConcurrentStreams: wanted });
  }
}

/** Limits the streams of a session, which was told `LIMITS.http2StreamsMin`. */
export function limitStreams(session: ServerHttp2Session): void {
  limits.set(session, new StreamLimit(session));
}

/** Takes note of how many calls of a session only wait. */
export function adjustStreams(session: object, waiting: number): void {
  limits.get(session)?.adjust(waiting);
}
