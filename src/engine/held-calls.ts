import type { StatusError } from "../core/error/error.ts";
import { LIMITS } from "../core/limits.ts";
import type { AbortSource } from "../core/ports/abort.ts";
import type { Authorizer, Call } from "../core/ports/authorizer.ts";
import type { Clock, Timer } from "../core/ports/clock.ts";
import { Bag } from "../core/value/bag.ts";

/**
 * Long calls, such as waits. When a caller loses its permission, its long calls end with an error
 * within two seconds.
 *
 * A permission ends in two ways. *Time*: a credential expires, or a condition on the time becomes
 * false. Every {@link LIMITS.heldCallCheckMs} all held calls are checked, and their conditions
 * evaluated again. *A change*: a key is revoked, or the rules are read again. `PolicyChanges`
 * announces it, and every held call is authorized again. If no held call can end by time, there is
 * no timer.
 *
 * A long use case (such as a watch) must go through `Chain.hold` and stop when the signal aborts;
 * `hold` then throws the reason.
 */
export class HeldCalls {
  readonly #clock: Pick<Clock, "now" | "after">;
  readonly #authorizer: Pick<Authorizer, "authorize" | "endsByTime">;
  readonly #held = new Bag<HeldCall>(HELD);
  #timer: Timer | undefined;
  #changes = 0;

  constructor(clock: Pick<Clock, "now" | "after">, authorizer: Pick<Authorizer, "authorize" | "endsByTime">) {
    this.#clock = clock;
    this.#authorizer = authorizer;
  }

  /** The number of policy changes so far. */
  get changes(): number {
    return this.#changes;
  }

  /**
   * Executes a call until it ends by itself or its caller loses the permission.
   *
   * @param gone aborts when the caller hangs up
   * @param useCase receives a signal that aborts in either case, and may already be aborted
   * @param since {@link changes} when the call was authorized. @default now
   * @throws {StatusError} the reason of a lost permission, and the errors of the use case
   */
  async hold<T>(
    call: Call,
    gone: AbortSource | undefined,
    useCase: (signal: AbortSource) => Promise<T>,
    since = this.#changes,
  ): Promise<T> {
    const held = new HeldCall(call, gone);
    this.#held.add(held);
    if (since !== this.#changes) this.#ask(held, true);
    this.#time(held);
    try {
      const result = await useCase(held);
      if (held.refusal !== undefined) throw held.refusal;
      return result;
    } catch (error) {
      throw held.refusal ?? error;
    } finally {
      this.#held.delete(held);
      if (this.#held.size === 0) {
        this.#timer?.cancel();
        this.#timer = undefined;
      }
    }
  }

  /** Authorizes every held call again, after a policy change. */
  recheck(): void {
    this.#changes++;
    for (const held of this.#held) {
      this.#ask(held, true);
      this.#time(held);
    }
  }

  /** Finds out whether time can end a call, and ticks if it can. */
  #time(held: HeldCall): void {
    const { call } = held;
    held.endsByTime = this.#authorizer.endsByTime?.(call) ?? false;
    if (held.endsByTime || call.caller.credential !== undefined) this.#timer ??= this.#arm();
  }

  #ask(held: HeldCall, anew: boolean): void {
    const { call } = held;
    const refusal = call.caller.credential?.refusal(this.#clock.now());
    if (refusal !== undefined) return held.end(refusal);
    if (!anew) return;
    try {
      this.#authorizer.authorize(call)?.catch((error: unknown) => held.end(error as StatusError));
    } catch (error) {
      held.end(error as StatusError);
    }
  }

  #arm(): Timer {
    return this.#clock.after(LIMITS.heldCallCheckMs, () => {
      this.#timer = this.#arm();
      for (const held of this.#held) this.#ask(held, held.endsByTime);
    });
  }
}

const HELD = Symbol("held call");

/** One held call. Aborts when its caller disconnects or loses the permission. */
class HeldCall implements AbortSource {
  readonly call: Call;
  readonly #gone: AbortSource | undefined;
  #listener: (() => void) | undefined;
  /** Whether the permission can end by time alone. */
  endsByTime = false;
  /** The reason of the lost permission. */
  refusal: StatusError | undefined;

  constructor(call: Call, gone: AbortSource | undefined) {
    this.call = call;
    this.#gone = gone;
  }

  end(refusal: StatusError): void {
    if (this.refusal !== undefined) return;
    this.refusal = refusal;
    this.#listener?.();
  }

  get aborted(): boolean {
    return this.refusal !== undefined || this.#gone?.aborted === true;
  }

  /** Supports one listener, because a use case waits for one thing. */
  addEventListener(type: "abort", listener: () => void): void {
    this.#listener = listener;
    this.#gone?.addEventListener(type, listener);
  }

  removeEventListener(type: "abort", listener: () => void): void {
    if (this.#listener === listener) this.#listener = undefined;
    this.#gone?.removeEventListener(type, listener);
  }
}
