import { serviceError } from "../../core/error/error.ts";
import { LIMITS } from "../../core/limits.ts";
import type { Clock } from "../../core/ports/clock.ts";
import type { Poster } from "./post.ts";
import { Recent } from "../../core/value/recent.ts";

/** The inputs of consents. */
export interface ConsentsParts {
  readonly clock: Pick<Clock, "monotonic">;
  readonly poster: Pick<Poster, "ask">;
  /** The service's name, which receivers know it by. */
  readonly service: string;
}

/**
 * The consents of receivers, for endpoints that ask for them. Before a process posts anything to an address, it asks with an OPTIONS
 * request; a consent counts for an hour. Not the status of the answer tells, but the header `WebHook-Allowed-Origin`.
 *
 * @see CloudEvents 1.0.2, "HTTP 1.1 Web Hooks for Event Delivery", section 4
 */
export class Consents {
  readonly #parts: ConsentsParts;
  /** Until when each address has consented, monotonic; the newest comes last. */
  readonly #until = new Recent<string, number>(LIMITS.webhookReceiversMax);

  constructor(parts: ConsentsParts) {
    this.#parts = parts;
  }

  /**
   * Asks, unless the receiver has consented of late.
   *
   * @throws {StatusError} UNAVAILABLE WEBHOOK_REFUSED without a consent; what the network throws
   */
  async require(url: URL, signal: AbortSignal): Promise<void> {
    const { clock, poster, service } = this.#parts;
    if ((this.#until.get(url.href) ?? 0) > clock.monotonic()) return;
    this.#until.delete(url.href);
    const allowed = await poster.ask(url, service, signal);
    if (allowed !== "*" && allowed?.toLowerCase() !== service.toLowerCase())
      throw serviceError(
        "WEBHOOK_REFUSED",
        `The receiver did not consent to events of "${service}": its answer to OPTIONS lacks WebHook-Allowed-Origin with this name or *.`,
      );
    this.#until.set(url.href, clock.monotonic() + LIMITS.webhookConsentMs);
  }
}
