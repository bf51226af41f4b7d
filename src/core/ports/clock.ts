/**
 * Time; only this file asks the machine for it.
 *
 * All other code gets a {@link Clock}, so that tests control time and never sleep.
 */
export interface Clock {
  /**
   * Whether this is the machine's real time, which other threads and, apart from drift, databases
   * share. Otherwise a store uses only this clock, and renews leases on the clock's own thread.
   * @default false
   */
  readonly isReal?: boolean;
  /** Milliseconds since the Unix epoch. May jump when the machine's clock is set. */
  now(): number;
  /** Milliseconds on a clock that never goes back; only differences have a meaning. */
  monotonic(): number;
  /** Calls `callback` once, `delayMs` milliseconds from now. Does not keep the process alive. */
  after(delayMs: number, callback: () => void): Timer;
  /**
   * Calls `callback` in the next turn of the event loop, after the callbacks that are ready now.
   */
  soon(callback: () => void): void;
}

/** A pending call of {@link Clock.after}. */
export interface Timer {
  /** Cancels the call. Harmless after the call. */
  cancel(): void;
}

/**
 * `setTimeout` fires immediately for a longer delay (2^31 − 1 ms, about 24.8 days), so longer
 * delays are split.
 */
const TIMEOUT_MAX_MS = 2_147_483_647;

/** The machine's clock. */
export const systemClock: Clock = {
  isReal: true,
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(delayMs, callback) {
    if (delayMs <= TIMEOUT_MAX_MS) {
      const timeout = unheld(setTimeout(callback, Math.max(delayMs, 0)));
      return { cancel: () => clearTimeout(timeout) };
    }
    let handle: ReturnType<typeof setTimeout>;
    const arm = (leftMs: number): void => {
      const pieceMs = Math.min(leftMs, TIMEOUT_MAX_MS);
      handle = unheld(setTimeout(() => (leftMs > pieceMs ? arm(leftMs - pieceMs) : callback()), pieceMs));
    };
    arm(delayMs);
    return { cancel: () => clearTimeout(handle) };
  },
  // Only Node has setImmediate; browsers use the closest function.
  soon: (callback) => void (globalThis.setImmediate ?? globalThis.setTimeout)(callback),
};

function unheld<Timeout>(timeout: Timeout): Timeout {
  // Only in Node, because a browser has no process to keep alive.
  (timeout as { unref?: () => void }).unref?.();
  return timeout;
}

/**
 * The earliest and the latest time that a remote clock may show now. A lease granted by estimate
 * counts from the latest time, and a lease checked by estimate has expired only by the earliest. So
 * an estimate never shortens a lease.
 */
export interface TimeBounds {
  readonly earliest: number;
  readonly latest: number;
}
