import type { IncomingMessage } from "node:http";
import type { Caller } from "../../core/caller.ts";
import type { Tell } from "../../core/events.ts";
import type { Clock } from "../../core/ports/clock.ts";
import type { CallSpan, Tracing } from "../../core/ports/tracing.ts";
import { inMicroseconds, loggedCaller, loggedPath } from "../access-fields.ts";
import { splitTarget } from "../target.ts";
import { templateOf } from "./route-template.ts";
import type { Route } from "./router.ts";

/** The listeners of requests. */
export interface RequestListeners {
  readonly tell: Tell;
  readonly clock: Clock;
  /** @default no tracing */
  readonly tracing?: Tracing | undefined;
}

/** A request whose end is announced, and which may be traced. */
export class ToldRequest {
  readonly #request: IncomingMessage;
  readonly #listeners: RequestListeners;
  readonly #beganAt: number;
  readonly #span: CallSpan | undefined;
  #template: string | undefined;
  #caller: Caller | undefined;

  private constructor(request: IncomingMessage, listeners: RequestListeners) {
    this.#request = request;
    this.#listeners = listeners;
    this.#beganAt = listeners.clock.monotonic();
    this.#span = listeners.tracing?.call({
      kind: "http",
      method: request.method ?? "GET",
      path: splitTarget(request.url ?? "/")[0],
      scheme: schemeOf(request),
      headers: request.headers,
    });
  }

  /** Undefined without listeners, so that nothing is created. */
  static begin(request: IncomingMessage, listeners: RequestListeners): ToldRequest | undefined {
    const { tell, tracing } = listeners;
    const isHeard = tell["http.ended"] !== undefined || tell["request.answered"] !== undefined;
    if (!isHeard && tracing === undefined) return undefined;
    return new ToldRequest(request, listeners);
  }

  /** Records the route of the request. */
  onRoute(route: Route, path: string): void {
    this.#template = templateOf(route, path);
  }

  /** Records the caller. */
  onCaller(caller: Caller | Promise<Caller>): void {
    const note = (who: Caller): void => void (this.#caller = who);
    if (caller instanceof Promise) caller.then(note, () => undefined);
    else note(caller);
  }

  /** Runs the answer, within the request's span if there is one. */
  within<T>(answer: () => T): T {
    return this.#span === undefined ? answer() : this.#span.within(answer);
  }

  /** Ends a get that was answered from the cache. @param route the template of its address */
  endKept(answer: Answered, route: string): void {
    this.#template = route;
    this.end(answer);
  }

  /** Call it once, with the answer. */
  end({ status, code = "OK", body, bytes }: Answered): void {
    const { tell, clock } = this.#listeners;
    const { method = "GET", url = "" } = this.#request;
    const route = this.#template;
    const durationMs = clock.monotonic() - this.#beganAt;
    tell["http.ended"]?.({
      method,
      protocol: schemeOf(this.#request),
      route,
      status,
      durationMs,
    });
    tell["request.answered"]?.({
      method,
      path: loggedPath(splitTarget(url)[0]),
      status,
      code,
      durationMs: inMicroseconds(durationMs),
      bytes: method === "HEAD" ? 0 : (bytes ?? Buffer.byteLength(body)),
      ...loggedCaller(this.#caller),
    });
    this.#span?.end({ kind: "http", status, route });
  }
}

/** The answer to a request. */
export interface Answered {
  readonly status: number;
  /** @default "OK" */
  readonly code?: string | undefined;
  readonly body: string | Uint8Array;
  /** @default the size of the body */
  readonly bytes?: number;
}

function schemeOf({ socket }: IncomingMessage): "http" | "https" {
  return "encrypted" in socket ? "https" : "http";
}
