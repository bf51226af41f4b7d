/**
 * The part of an `AbortSignal` that we listen to. An AbortController takes kilobytes. With ten
 * thousand waiters, a smaller object is worthwhile.
 */
export interface AbortSource {
  readonly aborted: boolean;
  addEventListener(type: "abort", listener: () => void): void;
  removeEventListener(type: "abort", listener: () => void): void;
}

/** A call that waits over a connection, which other calls may use too. Aborts when its caller hangs up. */
export interface WaitingConnection extends AbortSource {
  /** The same for all calls over one connection. */
  readonly connection: object;
  /** There is nothing to do for the call until something happens. */
  stepAside(): void;
  /**
   * Resolves when there is room to do something for it again.
   *
   * @throws {StatusError} CANCELLED CALLER_GONE
   */
  stepBack(): Promise<void>;
}
