/** The limits of watching. They are a part of `LIMITS`. */
export const WATCH_LIMITS = {
  /** A watch in which nothing happens says that it lives: proxies cut a silent connection after a minute. */
  watchSilenceMs: 15_000,
  /** Who watches and has not taken what was sent for so long is cut off. */
  watchUndrainedMs: 30_000,
  /** A watch is ended after this; whoever watches again is authenticated anew. */
  watchMsMax: 1_800_000,
  /** When the server stops, watches end from the first to the second time later, so that not all come back at once. */
  watchStopMsMin: 1_000,
  watchStopMsMax: 5_000,
  /** Who watches with EventSource comes back after this. */
  watchRetryMs: 1_000,
} as const;
