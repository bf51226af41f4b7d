import { LIMITS } from "../../core/limits.ts";
import { Postponed } from "../../core/method/postponed.ts";
import type { Clock } from "../../core/ports/clock.ts";

/** A receiver whose last tries failed, as this process sees it. */
interface Failed {
  inRow: number;
  /** Monotonic: when it may be tried again. */
  probeAt: number;
  /** Monotonic: until when deliveries are put off, one a minute. */
  putOffTo: number;
}

/**
 * Spares receivers that do not answer: after five failures in a row one delivery a minute tries, from each process, until one is
 * answered as it should be. The others are put off, each a minute behind the one before, up to a bound. No try of them is used up.
 */
export class Probes {
  readonly #clock: Pick<Clock, "monotonic">;
  /** By receiver; the one that failed last comes last. */
  readonly #failed = new Map<string, Failed>();

  constructor(clock: Pick<Clock, "monotonic">) {
    this.#clock = clock;
  }

  /** Receivers that failed of late. */
  get count(): number {
    return this.#failed.size;
  }

  /** Lets a delivery try. @throws {Postponed} where another has just tried */
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

  /** A try was answered as it should be: everything may go there. */
  succeeded(receiver: string): void {
    this.#failed.delete(receiver);
  }

  /** A try was not. */
  failed(receiver: string): void {
    const now = this.#clock.monotonic();
    const { inRow = 0, putOffTo = now } = this.#failed.get(receiver) ?? {};
    this.#failed.delete(receiver);
    this.#failed.set(receiver, { inRow: inRow + 1, probeAt: now + LIMITS.webhookProbeMs, putOffTo });
    const [oldest] = this.#failed.keys();
    if (this.#failed.size > LIMITS.webhookReceiversMax && oldest !== undefined) this.#failed.delete(oldest);
  }
}
