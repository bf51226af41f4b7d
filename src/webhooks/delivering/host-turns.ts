import { Postponed } from "../../core/method/postponed.ts";
import type { Clock } from "../../core/ports/clock.ts";
import { LIMITS } from "../../core/limits.ts";

/** One host, as deliveries of this process see it. */
interface Host {
  underWay: number;
  /** Monotonic: when the next who is put off has a turn. */
  nextAt: number;
  /** How long a delivery takes, in milliseconds: an average of the last few. */
  takesMs: number;
}

/** The first guess. */
const TAKES_MS = 100;

/**
 * Lets so many deliveries at once go to one host. Whoever finds no turn is put off until there may be one, each a little later
 * than the one before, and holds no room meanwhile: a host that hangs does not keep deliveries from others.
 */
export class HostTurns {
  readonly #clock: Pick<Clock, "monotonic">;
  readonly #hosts = new Map<string, Host>();

  constructor(clock: Pick<Clock, "monotonic">) {
    this.#clock = clock;
  }

  /** Hosts with deliveries under way, or put off. */
  get count(): number {
    return this.#hosts.size;
  }

  /** Does work in a turn of its host. @throws {Postponed} where the host has none */
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
