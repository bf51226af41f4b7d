/**
 * The part of an `AbortSignal` that we listen to. A server has ten thousand waiters, and an AbortController takes kilobytes:
 * whoever knows that its caller has gone can say so with less.
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
