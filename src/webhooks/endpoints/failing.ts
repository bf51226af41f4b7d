import { StatusError } from "../../core/error/error.ts";
import type { Tell } from "../../core/events.ts";
import { LIMITS } from "../../core/limits.ts";
import type { Clock } from "../../core/ports/clock.ts";
import { type Endpoint, isFixed, type KnownEndpoint } from "./endpoint.ts";
import type { Endpoints } from "./endpoints.ts";

/** The parts for disabling endpoints. */
export interface FailingParts {
  readonly endpoints: Endpoints;
  readonly clock: Clock;
  /** The store's clock. */
  readonly time: () => number;
  readonly tell: Tell;
}

/** The number of attempts at a change that conflicts with others. */
const ROUNDS = 3;

/** The failures of an endpoint in this process that are not stored yet. */
interface Unwritten {
  tries: number;
  /** Monotonic time. */
  writtenAt: number;
}

/**
 * Disables endpoints that want no more events, and endpoints that seem abandoned: five days and
 * twenty attempts without a success, over all processes.
 *
 * The first failure is stored at once and the others once a minute, even if a success comes
 * between; failures that a process has not stored before its end are not counted. No method here
 * rejects: whether the failure could be stored does not affect the delivery. Endpoints of the
 * settings are never disabled.
 */
export class Failing {
  readonly #parts: FailingParts;
  readonly #unwritten = new Map<string, Unwritten>();

  constructor(parts: FailingParts) {
    this.#parts = parts;
  }

  /**
   * The number of endpoints that failed recently. A removed endpoint is forgotten when another
   * fails.
   */
  get count(): number {
    return this.#unwritten.size;
  }

  /** Records a successful attempt. */
  async succeeded(name: string): Promise<void> {
    const known = this.#unwritten.get(name);
    if (known !== undefined) known.tries = 0;
    await this.#change(name, (endpoint) =>
      endpoint.failing === null ? undefined : { ...endpoint, failing: null },
    );
  }

  /** Records a failed attempt. */
  async failed(name: string): Promise<void> {
    const { clock, time } = this.#parts;
    const now = clock.monotonic();
    const known = this.#unwritten.get(name);
    if (known !== undefined && now - known.writtenAt < LIMITS.webhookFailuresMs) {
      known.tries++;
      return;
    }
    const tried = (known?.tries ?? 0) + 1;
    for (const each of this.#unwritten.keys())
      if (this.#parts.endpoints.get(each) === undefined) this.#unwritten.delete(each);
    this.#unwritten.set(name, { tries: 0, writtenAt: now });
    await this.#change(name, (endpoint) => {
      const { since, tries } = endpoint.failing ?? { since: time(), tries: 0 };
      const failing = { since, tries: tries + tried };
      const isOver =
        time() - since >= LIMITS.webhookFailingMsMax && failing.tries >= LIMITS.webhookFailingTriesMin;
      return isOver
        ? {
            ...endpoint,
            failing,
            ...this.#disabled(endpoint, "Nothing was answered with success for five days."),
          }
        : { ...endpoint, failing };
    });
  }

  /** Records that the receiver wants no more events. */
  async gone(name: string): Promise<void> {
    await this.#change(name, (endpoint) => ({
      ...endpoint,
      ...this.#disabled(endpoint, "The receiver answered 410 Gone."),
    }));
  }

  #disabled(
    { generation }: Endpoint,
    disableReason: string,
  ): Pick<Endpoint, "state" | "disableReason" | "updateTime" | "generation"> {
    return { state: "DISABLED", disableReason, updateTime: this.#parts.time(), generation: generation + 1 };
  }

  async #change(name: string, decide: (endpoint: KnownEndpoint) => Endpoint | undefined): Promise<void> {
    const { endpoints, tell } = this.#parts;
    try {
      for (let round = 0; round < ROUNDS; round++) {
        const known = endpoints.get(name);
        const mayChange = known !== undefined && !isFixed(known) && known.state === "ENABLED";
        const next = mayChange ? decide(known) : undefined;
        const stored = next === undefined ? undefined : await endpoints.replace(next);
        if (stored?.state === "DISABLED")
          tell["webhook.disabled"]?.({ endpoint: name, why: stored.disableReason });
        if (next === undefined || stored !== undefined) return;
      }
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
    }
  }
}
