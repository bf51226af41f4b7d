import type { Caller } from "../../core/caller.ts";
import type { Tell } from "../../core/events.ts";
import type { Clock } from "../../core/ports/clock.ts";
import { inMicroseconds, loggedCaller, loggedPath } from "../access-fields.ts";

/** Whom calls are told. */
export interface CallListeners {
  readonly tell: Tell;
  readonly clock: Clock;
}

/** A call whose end is told. The sister of `rest/told-request.ts`. */
export class ToldCall {
  readonly #call: { getPath(): string };
  readonly #listeners: CallListeners;
  readonly #beganAt: number;
  #caller: Caller | undefined;

  private constructor(call: { getPath(): string }, listeners: CallListeners) {
    this.#call = call;
    this.#listeners = listeners;
    this.#beganAt = listeners.clock.monotonic();
  }

  /** Undefined where nobody listens: then nothing of it is made. */
  static begin(call: { getPath(): string }, listeners: CallListeners): ToldCall | undefined {
    const { tell } = listeners;
    if (tell["grpc.ended"] === undefined && tell["rpc.answered"] === undefined) return undefined;
    return new ToldCall(call, listeners);
  }

  /** Takes notice of who calls. */
  onCaller(caller: Caller | Promise<Caller>): void {
    const note = (who: Caller): void => void (this.#caller = who);
    if (caller instanceof Promise) caller.then(note, () => undefined);
    else note(caller);
  }

  /** Called once, with the answer. */
  end(code: string, bytes: number): void {
    const { tell, clock } = this.#listeners;
    const durationMs = clock.monotonic() - this.#beganAt;
    const path = this.#call.getPath();
    tell["grpc.ended"]?.({ rpc: path.slice(1), code, durationMs });
    tell["rpc.answered"]?.({
      method: "gRPC",
      path: loggedPath(path),
      code,
      durationMs: inMicroseconds(durationMs),
      bytes,
      ...loggedCaller(this.#caller),
    });
  }
}
