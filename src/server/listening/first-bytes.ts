import type { Socket } from "node:net";
import type { Clock } from "../../core/ports/clock.ts";
import { LIMITS } from "../../core/limits.ts";

/**
 * The first bytes of every HTTP/2 connection without prior negotiation. @see RFC 9113, section 3.4
 */
const PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "latin1");

/** The takers of connections. */
export interface FirstBytesTakers {
  /** Takes a paused socket, with all bytes that arrived. */
  readonly http1: (socket: Socket) => void;
  readonly http2: (socket: Socket) => void;
  /** Takes a socket that sends nothing for `LIMITS.headersTimeoutMs`, or closes before that. */
  readonly late: (socket: Socket) => void;
}

/**
 * Distinguishes HTTP/2 from HTTP/1.1 on one port by the first bytes of each connection. This costs
 * a few microseconds per connection and nothing per request, because the taker gets all of the
 * connection.
 */
export class FirstBytes {
  readonly #takers: FirstBytesTakers;
  readonly #clock: Clock;
  readonly #waiting = new Set<Socket>();

  constructor(takers: FirstBytesTakers, clock: Clock) {
    this.#takers = takers;
    this.#clock = clock;
  }

  /** Examines a new connection. */
  look(socket: Socket): void {
    let came: Buffer | undefined;
    const leave = (): void => {
      timer.cancel();
      this.#waiting.delete(socket);
      socket.off("data", onData).off("end", onEnd).off("error", onEnd).off("close", leave);
    };
    const onData = (chunk: Buffer): void => {
      came = came === undefined ? chunk : Buffer.concat([came, chunk]);
      const isHttp2 = beginsHttp2(came);
      if (isHttp2 === undefined) return;
      leave();
      socket.pause();
      socket.unshift(came);
      (isHttp2 ? this.#takers.http2 : this.#takers.http1)(socket);
    };
    const onEnd = (): void => {
      leave();
      socket.destroy();
    };
    const timer = this.#clock.after(LIMITS.headersTimeoutMs, () => {
      leave();
      socket.on("error", onEnd);
      this.#takers.late(socket);
    });
    this.#waiting.add(socket);
    socket.on("data", onData).on("end", onEnd).on("error", onEnd).on("close", leave);
  }

  /** Closes the connections that were not taken yet, which have sent no request. */
  close(): void {
    for (const socket of this.#waiting) socket.destroy();
  }
}

/** Whether the bytes begin an HTTP/2 connection; undefined while both are possible. */
function beginsHttp2(bytes: Buffer): boolean | undefined {
  const length = Math.min(bytes.length, PREFACE.length);
  if (bytes.compare(PREFACE, 0, length, 0, length) !== 0) return false;
  // No method of HTTP/1.1 begins with these bytes.
  return length >= 4 ? true : undefined;
}
