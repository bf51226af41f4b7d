import type { ServerHttp2Session } from "node:http2";
import { LIMITS } from "../../core/limits.ts";

/** The limits of our own sessions. Users' own servers set their own. */
const limits = new WeakMap<object, StreamLimit>();

/**
 * The number of streams that the caller of a session may have open at once. Node creates all
 * streams of a packet before any can be rejected, so a caller that may open thousands at once could
 * block the event loop. The limit begins small, and grows with the calls that only wait for an
 * operation: a caller may wait for thousands, but opens them step by step.
 */
class StreamLimit {
  readonly #session: ServerHttp2Session;
  #told: number = LIMITS.http2StreamsMin;

  constructor(session: ServerHttp2Session) {
    this.#session = session;
  }

  /** Sends the caller a limit for the number of waiting calls, doubling at each step. */
  adjust(waiting: number): void {
    let wanted: number = LIMITS.http2StreamsMin;
    while (wanted < waiting + LIMITS.http2StreamsMin) wanted *= 2;
    wanted = Math.min(wanted, LIMITS.grpcStreamsMax);
    const isOpen = !this.#session.closed && !this.#session.destroyed;
    // The limit never shrinks: streams that the caller opens before it learns of that would be
    // rejected.
    if (!isOpen || wanted <= this.#told) return;
    this.#told = wanted;
    this.#session.settings({ maxConcurrentStreams: wanted });
  }
}

/** Limits the streams of a session whose first limit is `LIMITS.http2StreamsMin`. */
export function limitStreams(session: ServerHttp2Session): void {
  limits.set(session, new StreamLimit(session));
}

/** Records the number of calls of a session that only wait. */
export function adjustStreams(session: object, waiting: number): void {
  limits.get(session)?.adjust(waiting);
}
