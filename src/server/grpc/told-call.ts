import type { Caller } from "../../core/caller.ts";
import type { Tell } from "../../core/events.ts";
import type { Clock } from "../../core/ports/clock.ts";
import type { CallSpan, TraceHeaders, Tracing } from "../../core/ports/tracing.ts";
import { inMicroseconds, loggedCaller, loggedPath } from "../access-fields.ts";

/** The listeners of calls. */
export interface CallListeners {
  readonly tell: Tell;
  readonly clock: Clock;
  /** @default no tracing */
  readonly tracing?: Tracing | undefined;
}

/** The part of a call that is used. */
export interface CallHead {
  readonly metadata: { getMap(): TraceHeaders };
  getPath(): string;
}

/** A call whose end is announced, and which may be traced. The sister of `rest/told-request.ts`. */
export class ToldCall {
  readonly #call: CallHead;
  readonly #listeners: CallListeners;
  readonly #beganAt: number;
  readonly #span: CallSpan | undefined;
  #caller: Caller | undefined;

  private constructor(call: CallHead, listeners: CallListeners) {
    this.#call = call;
    this.#listeners = listeners;
    this.#beganAt = listeners.clock.monotonic();
    const { tracing } = listeners;
    if (tracing === undefined) return;
    this.#span = tracing.call({
      kind: "grpc",
      rpc: call.getPath().slice(1),
      headers: call.metadata.getMap(),
    });
  }

  /** Undefined without listeners, so that nothing is created. */
  static begin(call: CallHead, listeners: CallListeners): ToldCall | undefined {
    const { tell, tracing } = listeners;
    const isHeard = tell["grpc.ended"] !== undefined || tell["rpc.answered"] !== undefined;
    if (!isHeard && tracing === undefined) return undefined;
    return new ToldCall(call, listeners);
  }

  /** Records the caller. */
  onCaller(caller: Caller | Promise<Caller>): void {
    const note = (who: Caller): void => void (this.#caller = who);
    if (caller instanceof Promise) caller.then(note, () => undefined);
    else note(caller);
  }

  /** Runs the answer, within the call's span if there is one. */
  within<T>(answer: () => T): T {
    return this.#span === undefined ? answer() : this.#span.within(answer);
  }

  /** Call it once, with the answer. */
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
    this.#span?.end({ kind: "grpc", code });
  }
}
