import type { IncomingMessage } from "node:http";
import type { Tell } from "../../core/events.ts";
import type { Clock } from "../../core/ports/clock.ts";
import { templateOf, templateOfGet } from "./route-template.ts";
import type { Route } from "./router.ts";

/** Whom requests are told. */
export interface RequestListeners {
  readonly tell: Tell;
  readonly clock: Clock;
}

/** A request whose end is told. */
export class ToldRequest {
  readonly #request: IncomingMessage;
  readonly #listeners: RequestListeners;
  readonly #beganAt: number;
  #template: string | undefined;

  private constructor(request: IncomingMessage, listeners: RequestListeners) {
    this.#request = request;
    this.#listeners = listeners;
    this.#beganAt = listeners.clock.monotonic();
  }

  /** Undefined where nobody listens: then nothing of it is made. */
  static begin(request: IncomingMessage, listeners: RequestListeners): ToldRequest | undefined {
    return listeners.tell["http.ended"] === undefined ? undefined : new ToldRequest(request, listeners);
  }

  /** Takes notice of where the request leads. */
  readonly onRoute = (route: Route, path: string): void => {
    this.#template = templateOf(route, path);
  };

  /** It was a get whose answer was at hand. */
  endKept(status: number): void {
    this.#template = templateOfGet(this.#request.url ?? "");
    this.end(status);
  }

  /** Called once, with the answer. */
  end(status: number): void {
    const { tell, clock } = this.#listeners;
    const { method = "GET", socket } = this.#request;
    tell["http.ended"]?.({
      method,
      protocol: "encrypted" in socket ? "https" : "http",
      route: this.#template,
      status,
      durationMs: clock.monotonic() - this.#beganAt,
    });
  }
}
