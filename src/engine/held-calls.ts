import type { StatusError } from "../core/error/error.ts";
import { LIMITS } from "../core/limits.ts";
import type { AbortSource } from "../core/ports/abort.ts";
import type { Authorizer, Call } from "../core/ports/authorizer.ts";
import type { Clock, Timer } from "../core/ports/clock.ts";
import { Bag } from "../core/value/bag.ts";

/**
 * Calls that go on for long, such as waits: each ends with an error within two seconds of its caller's permission.
 *
 * Two things end a permission. *Time*: a credential expires, or a condition on the time is no longer true; all that are held are
 * asked once in {@link LIMITS.heldCallCheckMs}, which reads a field of each, and judges conditions anew. *A change*: a key is revoked, or the rules are read again;
 * whoever knows of it tells (`PolicyChanges`), and every call is authorized anew. While time can end none, nothing ticks.
 *
 * Who writes a use case that goes on for long (a watch is one): go through `Chain.hold`, stop when the signal aborts, and let
 * `hold` say why.
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

  /** Changes of what callers may, so far. */
  get changes(): number {
    return this.#changes;
  }

  /**
   * Carries out a call until it ends by itself or its caller may no more.
   *
   * @param gone aborts when the caller hangs up
   * @param useCase is given what aborts in either case, and may have aborted already
   * @param since {@link changes} when the call was authorized. @default now
   * @throws {StatusError} why the caller may no more, and what the use case throws
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

  /** Asks of every call anew whether its caller may. For whoever changes what callers may. */
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

/** One call. Aborts when its caller hangs up, and when it may no more. */
class HeldCall implements AbortSource {
  readonly call: Call;
  readonly #gone: AbortSource | undefined;
  #listener: (() => void) | undefined;
  /** Whether time alone may end what the caller may. */
  endsByTime = false;
  /** Why the caller may no more. */
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

  /** One at a time: a use case waits for one thing. */
  addEventListener(type: "abort", listener: () => void): void {
    this.#listener = listener;
    this.#gone?.addEventListener(type, listener);
  }

  removeEventListener(type: "abort", listener: () => void): void {
    if (this.#listener === listener) this.#listener = undefined;
    this.#gone?.removeEventListener(type, listener);
  }
}
