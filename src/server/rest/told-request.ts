import type { IncomingMessage } from "node:http";
import type { Caller } from "../../core/caller.ts";
import type { Tell } from "../../core/events.ts";
import type { Clock } from "../../core/ports/clock.ts";
import { inMicroseconds, loggedCaller, loggedPath } from "../access-fields.ts";
import { splitTarget } from "../target.ts";
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
  #caller: Caller | undefined;

  private constructor(request: IncomingMessage, listeners: RequestListeners) {
    this.#request = request;
    this.#listeners = listeners;
    this.#beganAt = listeners.clock.monotonic();
  }

  /** Undefined where nobody listens: then nothing of it is made. */
  static begin(request: IncomingMessage, listeners: RequestListeners): ToldRequest | undefined {
    const { tell } = listeners;
    if (tell["http.ended"] === undefined && tell["request.answered"] === undefined) return undefined;
    return new ToldRequest(request, listeners);
  }

  /** Takes notice of where the request leads. */
  readonly onRoute = (route: Route, path: string): void => {
    this.#template = templateOf(route, path);
  };

  /** Takes notice of who calls. */
  onCaller(caller: Caller | Promise<Caller>): void {
    const note = (who: Caller): void => void (this.#caller = who);
    if (caller instanceof Promise) caller.then(note, () => undefined);
    else note(caller);
  }

  /** It was a get whose answer was at hand. */
  endKept(answer: Answered): void {
    this.#template = templateOfGet(this.#request.url ?? "");
    this.end(answer);
  }

  /** Called once, with the answer. */
  end({ status, code = "OK", body }: Answered): void {
    const { tell, clock } = this.#listeners;
    const { method = "GET", socket, url = "" } = this.#request;
    const durationMs = clock.monotonic() - this.#beganAt;
    tell["http.ended"]?.({
      method,
      protocol: "encrypted" in socket ? "https" : "http",
      route: this.#template,
      status,
      durationMs,
    });
    tell["request.answered"]?.({
      method,
      path: loggedPath(splitTarget(url)[0]),
      status,
      code,
      durationMs: inMicroseconds(durationMs),
      bytes: method === "HEAD" ? 0 : Buffer.byteLength(body),
      ...loggedCaller(this.#caller),
    });
  }
}

/** What a request is answered. */
export interface Answered {
  readonly status: number;
  /** @default "OK" */
  readonly code?: string | undefined;
  readonly body: string | Uint8Array;
}
