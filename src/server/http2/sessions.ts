import type { ServerHttp2Session, ServerHttp2Stream } from "node:http2";
import type { Clock, Timer } from "../../core/ports/clock.ts";
import { LIMITS } from "../../core/limits.ts";

/** The sessions of a server, each watched until it ends. */
export class Sessions {
  readonly #clock: Clock;
  readonly #keepers = new Map<ServerHttp2Session, SessionKeeper>();
  #closed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether it accepts no more sessions. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Watches a session from now on. */
  add(session: ServerHttp2Session): SessionKeeper {
    const keeper = new SessionKeeper(session, this.#clock);
    this.#keepers.set(session, keeper);
    // An error caused by a caller ends only its session.
    session.on("error", () => undefined);
    session.on("close", () => {
      this.#keepers.delete(session);
      keeper.stop();
    });
    return keeper;
  }

  /** Tells all callers to connect elsewhere; each session ends when its streams are answered. */
  close(): void {
    this.#closed = true;
    for (const session of this.#keepers.keys()) session.close();
  }
}

/** Watches one session: if the caller vanishes, its waits end; an unused connection is closed. */
export class SessionKeeper {
  readonly #session: ServerHttp2Session;
  readonly #clock: Clock;
  #timer: Timer;
  #usedAt: number;
  #streams = 0;

  constructor(session: ServerHttp2Session, clock: Clock) {
    this.#session = session;
    this.#clock = clock;
    this.#usedAt = clock.monotonic();
    this.#timer = this.#later();
  }

  /** A stream has begun. */
  open(stream: ServerHttp2Stream): void {
    this.#streams++;
    stream.on("close", () => {
      this.#streams--;
      this.#usedAt = this.#clock.monotonic();
    });
  }

  stop(): void {
    this.#timer.cancel();
  }

  #later(): Timer {
    return this.#clock.after(LIMITS.grpcKeepAliveMs, () => this.#look());
  }

  #look(): void {
    const idleMs = this.#streams === 0 ? this.#clock.monotonic() - this.#usedAt : 0;
    if (idleMs >= LIMITS.grpcIdleMs) return this.#session.close();
    this.#timer = this.#clock.after(LIMITS.grpcKeepAliveTimeoutMs, () => this.#session.destroy());
    const isSent = this.#session.ping((error) => {
      this.#timer.cancel();
      if (error === null) this.#timer = this.#later();
      else this.#session.destroy();
    });
    if (!isSent) this.#session.destroy();
  }
}
