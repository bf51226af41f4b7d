import { Postponed } from "../../core/method/postponed.ts";
import type { Clock } from "../../core/ports/clock.ts";
import { LIMITS } from "../../core/limits.ts";

/** The state of one host in this process. */
interface Host {
  underWay: number;
  /** The monotonic time of the turn for the next delayed delivery. */
  nextAt: number;
  /** The duration of a delivery, in milliseconds: an average of the last few. */
  takesMs: number;
}

/** The initial estimate. */
const TAKES_MS = 100;

/**
 * Limits the concurrent deliveries to one host. A delivery without a free turn is postponed, each
 * one a little longer than the one before, and occupies no slot meanwhile: a hanging host does not
 * delay deliveries to other hosts.
 */
export class HostTurns {
  readonly #clock: Pick<Clock, "monotonic">;
  readonly #hosts = new Map<string, Host>();

  constructor(clock: Pick<Clock, "monotonic">) {
    this.#clock = clock;
  }

  /** The number of hosts with deliveries in progress or postponed. */
  get count(): number {
    return this.#hosts.size;
  }

  /** Runs work in a turn of its host. @throws {Postponed} if the host has no free turn */
  async take<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
    const now = this.#clock.monotonic();
    const host = this.#hosts.get(name) ?? { underWay: 0, nextAt: now, takesMs: TAKES_MS };
    this.#hosts.set(name, host);
    if (host.underWay >= LIMITS.webhooksAtOncePerHost) throw putOff(host, now);
    host.underWay++;
    try {
      return await work();
    } finally {
      host.underWay--;
      const then = this.#clock.monotonic();
      host.takesMs += (then - now - host.takesMs) / LIMITS.webhooksAtOncePerHost;
      if (host.underWay === 0 && host.nextAt <= then) this.#hosts.delete(name);
    }
  }
}

function putOff(host: Host, now: number): Postponed {
  const turnMs = Math.max(1, host.takesMs / LIMITS.webhooksAtOncePerHost);
  host.nextAt = Math.min(
    Math.max(host.nextAt, now + host.takesMs) + turnMs,
    now + LIMITS.webhookPostponeMsMax,
  );
  return new Postponed(
    "As many deliveries to the host are under way as may be.",
    Math.ceil(host.nextAt - now),
  );
}
