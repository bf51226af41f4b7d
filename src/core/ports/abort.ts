/**
 * The part of an `AbortSignal` that we listen to. An AbortController takes kilobytes. With ten
 * thousand waiters, a smaller object is worthwhile.
 */
export interface AbortSource {
  readonly aborted: boolean;
  addEventListener(type: "abort", listener: () => void): void;
  removeEventListener(type: "abort", listener: () => void): void;
}

/**
 * A call that waits over a connection that other calls may use too. Aborts when its caller hangs
 * up.
 */
export interface WaitingConnection extends AbortSource {
  /** Equal for all calls over one connection. */
  readonly connection: object;
  /** Called while there is nothing to do for the call. */
  stepAside(): void;
  /**
   * Resolves when the call may do work again.
   *
   * @throws {StatusError} CANCELLED CALLER_GONE
   */
  stepBack(): Promise<void>;
}
