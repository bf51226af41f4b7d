/** The limits of watching. They are a part of `LIMITS`. */
export const WATCH_LIMITS = {
  /**
   * The interval between signs of life of an idle watch: proxies cut a silent connection after a
   * minute.
   */
  watchSilenceMs: 15_000,
  /** A watcher that reads nothing for this long is disconnected. */
  watchUndrainedMs: 30_000,
  /** The longest watch; a new one authenticates again. */
  watchMsMax: 1_800_000,
  /**
   * The range of delays after which watches end when the server stops, so that not all return at
   * once.
   */
  watchStopMsMin: 1_000,
  watchStopMsMax: 5_000,
  /** The delay after which EventSource reconnects. */
  watchRetryMs: 1_000,
  /** The newest operations with which a watch of a collection begins: the length of a page. */
  watchedNewestMax: 1_000,
  /** Remembered operations for watches of one collection and filter: some hundred kilobytes. */
  watchedMembersMax: 4_000,
  /** The same over all watches in a process: some hundred megabytes. */
  watchedMembersAllMax: 500_000,
  /**
   * Watched filters on one collection, and on all with wildcards: each change is compared with each
   * of them.
   */
  watchedFiltersMax: 64,
  /** A tenant, or a caller, may add this fraction of the remaining filters, and at least one. */
  watchedFiltersShare: 4,
  /** Unread bytes of a watch of a collection. More ends the watch. */
  watchPendingBytesMax: 8_388_608,
  /** The same over all watches of an interface. */
  watchPendingBytesAllMax: 268_435_456,
  /** A watch's share of the remaining bytes, so that a few slow readers end no other watch. */
  watchPendingShare: 8,
  /**
   * Changed records that wait to be read for watches of collections. One more ends the watches that
   * cause most of them.
   */
  watchReadsMax: 10_000,
} as const;
