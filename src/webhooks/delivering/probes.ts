import { LIMITS } from "../../core/limits.ts";
import { Postponed } from "../../core/method/postponed.ts";
import type { Clock } from "../../core/ports/clock.ts";
import { Recent } from "../../core/value/recent.ts";

/** The state in this process of a receiver whose last attempts failed. */
interface Failed {
  inRow: number;
  /** The monotonic time of the next probe. */
  probeAt: number;
  /** The monotonic time until which deliveries are postponed, one per minute. */
  putOffTo: number;
}

/**
 * Protects receivers that do not answer: after five failures in a row each process tries one
 * delivery a minute, until one succeeds. The other deliveries are postponed, each by a minute more
 * than the one before, up to a limit. This uses up none of their attempts.
 */
export class Probes {
  readonly #clock: Pick<Clock, "monotonic">;
  /** By receiver, in the order of the last failure. */
  readonly #failed = new Recent<string, Failed>(LIMITS.webhookReceiversMax);

  constructor(clock: Pick<Clock, "monotonic">) {
    this.#clock = clock;
  }

  /** The number of receivers that failed recently. */
  get count(): number {
    return this.#failed.size;
  }

  /** Lets a delivery try. @throws {Postponed} if another has just tried */
  enter(receiver: string): void {
    const failed = this.#failed.get(receiver);
    if (failed === undefined || failed.inRow < LIMITS.webhookProbeAfter) return;
    const now = this.#clock.monotonic();
    if (failed.probeAt <= now) {
      failed.probeAt = now + LIMITS.webhookProbeMs;
      return;
    }
    const next = Math.max(failed.putOffTo, failed.probeAt - LIMITS.webhookProbeMs) + LIMITS.webhookProbeMs;
    failed.putOffTo = Math.min(next, now + LIMITS.webhookProbeWaitMsMax);
    throw new Postponed("The receiver has failed too often in a row.", Math.ceil(failed.putOffTo - now));
  }

  /** Records a successful attempt: all deliveries may go there. */
  succeeded(receiver: string): void {
    this.#failed.delete(receiver);
  }

  /** Records a failed attempt. */
  failed(receiver: string): void {
    const now = this.#clock.monotonic();
    const { inRow = 0, putOffTo = now } = this.#failed.get(receiver) ?? {};
    this.#failed.set(receiver, { inRow: inRow + 1, probeAt: now + LIMITS.webhookProbeMs, putOffTo });
  }
}
