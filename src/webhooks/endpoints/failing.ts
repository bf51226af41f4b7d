import { StatusError } from "../../core/error/error.ts";
import type { Tell } from "../../core/events.ts";
import { LIMITS } from "../../core/limits.ts";
import type { Clock } from "../../core/ports/clock.ts";
import { type Endpoint, isFixed, type KnownEndpoint } from "./endpoint.ts";
import type { Endpoints } from "./endpoints.ts";

/** What it is made with. */
export interface FailingParts {
  readonly endpoints: Endpoints;
  readonly clock: Clock;
  /** The store's clock. */
  readonly time: () => number;
  readonly tell: Tell;
}

/** How often a change is tried that others were faster with. */
const ROUNDS = 3;

/** Failures of an endpoint in this process that are not written down. */
interface Unwritten {
  tries: number;
  /** Monotonic. */
  writtenAt: number;
}

/**
 * Disables endpoints that want no more events, and those that nobody seems to look after: five days and twenty tries without one
 * that was answered as it should be, in all processes together.
 *
 * The first failure is written down at once and the others once a minute, also where a success comes between; what a process has
 * not written when it ends is not counted. Nothing here rejects: a delivery is what it is, whether this could be written down or not. Endpoints of the settings
 * are never disabled.
 */
export class Failing {
  readonly #parts: FailingParts;
  readonly #unwritten = new Map<string, Unwritten>();

  constructor(parts: FailingParts) {
    this.#parts = parts;
  }

  /** Endpoints that failed of late. One that is removed is forgotten when another fails. */
  get count(): number {
    return this.#unwritten.size;
  }

  /** A try was answered as it should be. */
  async succeeded(name: string): Promise<void> {
    const known = this.#unwritten.get(name);
    if (known !== undefined) known.tries = 0;
    await this.#change(name, (endpoint) =>
      endpoint.failing === null ? undefined : { ...endpoint, failing: null },
    );
  }

  /** A try was not. */
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

  /** The receiver said that it wants no more events. */
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
